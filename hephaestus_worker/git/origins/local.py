"""An origin that is a folder on this machine, bare or with a checkout."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import carrying, drafts, refs
from hephaestus_worker.git.objects.drafts import Draft, Needed
from hephaestus_worker.git.objects.object_store import ObjectStore
from hephaestus_worker.git.origins import checkouts, ignore_rules, pushing
from hephaestus_worker.git.origins.origin import Address

_RECEIVING_HOOKS = (
    "pre-receive",
    "update",
    "proc-receive",
    "post-receive",
    "post-update",
    "reference-transaction",
)
_RECEIVING_CONFIG = (
    r"^(receive|transfer)\.|^core\.(hookspath|sharedrepository)$|^extensions\.partialclone$"
)

# Thousands of attempts' branches may exist. Excluding them costs more than it saves: the few
# objects that are listed twice are found to be there.
_KNOWN = ("--exclude=hephaestus/task/*", "--branches")

_HOLDS_OBJECTS = re.compile(r"[0-9a-f]{38}(?:[0-9a-f]{24})?|pack-[0-9a-f]+\.pack")


@dataclass(frozen=True)
class LocalOrigin:
    """The repository of a folder. Only its objects and branches are ever written."""

    path: Path
    git_dir: Path

    @classmethod
    def at(cls, path: Path) -> "LocalOrigin":
        """Find the repository of exactly this folder, not of one above it.

        Raises:
            RepositoryError: the folder is missing or is no repository. `details["fault"]` is
                "missing": another host may have it.
        """
        if not path.exists():
            raise RepositoryError(
                f"{path} does not exist. Give the folder of a git repository.",
                field="main_repo_path",
                details={"fault": "missing"},
            )
        git_dir = _common_folder(path)
        if git_dir is None:
            raise RepositoryError(
                f"{path} is no git repository{_repository_above(path)}. "
                "Give a repository's own folder, or run `git init` and make a first commit there.",
                field="main_repo_path",
                details={"fault": "missing"},
            )
        return cls(path, git_dir)

    @property
    def shown(self) -> str:
        return str(self.path)

    @property
    def key(self) -> str:
        return str(self.git_dir)

    def clone(self, target: Path, options: Sequence[str]) -> None:
        before = _object_files(self.git_dir)
        try:
            # Hard links, not alternates: neither copies within a file system, but `git gc
            # --prune=now` of the user would delete borrowed objects under running agents. A link
            # keeps them. Without `--local`, which demands links, git copies what it cannot link,
            # e.g. to another file system.
            self._clone(target, *options, "--dissociate")
            if before <= _object_files(self.git_dir):
                return
        except git.GitError:
            if before <= _object_files(self.git_dir):
                raise
        # Files went while they were linked, as `git gc` lets them go that it has packed. git skips
        # some of them and says nothing. Its transport finds each object where it is now.
        shutil.rmtree(target, ignore_errors=True)
        self._clone(target, *options, "--no-local")

    def _clone(self, target: Path, *options: str) -> None:
        git.run(
            *("clone", *options, "--", str(self.git_dir), str(target)),
            doing=f"copy {self.path} to this host's mirrors",
            timeout=git.FIRST_FETCH,
        )

    def identity(self) -> tuple[str, str] | None:
        found = git.run(
            *("config", "--local", "--null", "--get-regexp", r"^user\.(name|email)$"),
            doing=f"read the settings of {self.path}",
            git_dir=self.git_dir,
            allowed=(0, 1),
        )
        pairs = dict(entry.split("\n", 1) for entry in found.text.split("\0") if "\n" in entry)
        if not pairs.get("user.name") or not pairs.get("user.email"):
            return None
        return pairs["user.name"], pairs["user.email"]

    def large_files(self) -> Mapping[str, str]:
        # One folder of Git LFS for both: the user's git finds the files that agents add.
        found = git.run(
            *("config", "--type=path", "--get", "lfs.storage"),
            doing=f"read the settings of {self.path}",
            git_dir=self.git_dir,
            allowed=(0, 1),
        )
        return {"lfs.storage": str(self.git_dir / (found.text or "lfs"))}

    def ignore_rules(self) -> bytes:
        return ignore_rules.of_clone(self.git_dir, self.path)

    def heads(self) -> dict[str, str]:
        return self._read_heads("refs/heads")

    def tip(self, branch: str) -> str | None:
        ref = f"refs/heads/{branch}"
        found = refs.read(self.git_dir, ref)
        return found.commit if found else self._read_heads(ref).get(branch)

    def _read_heads(self, pattern: str) -> dict[str, str]:
        listed = git.run(
            *("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", pattern),
            doing=f"read the branches of {self.path}",
            git_dir=self.git_dir,
        )
        pairs = (line.split(" ", 1) for line in listed.text.splitlines())
        return {name: commit for commit, name in pairs}

    def fetch(self, mirror: Path, commit: str, *, branch: str | None) -> None:
        try:
            carrying.carry(self.git_dir, mirror, commit, known=("--all",))
        except git.GitError as error:
            if "bad object" in error.stderr:
                return
            raise
        if branch is None:
            return
        git.run(
            *("update-ref", f"refs/remotes/origin/{branch}", commit),
            doing=f"note where '{branch}' of {self.path} is",
            git_dir=mirror,
            allowed=(0, 1, 128),  # another fetch may be writing it; only agents read it
        )

    def push(self, mirror: Path, commit: str, branch: str, *, expected: str | None) -> bool:
        folder = checkouts.folder_with(self.git_dir, branch)
        if folder is None and self._wants_real_pushes():
            place = Address(str(self.git_dir))
            return pushing.push(place, mirror, commit, branch, expected=expected)
        if folder is None:
            return self._carry_and_swap(mirror, branch, commit, expected)
        if expected is None:
            return False
        # Tested before objects are carried: a held merge is tried again and again, and its objects
        # would pile up in the user's repository.
        if not checkouts.may_move(
            folder, branch, commit, expected=expected, objects=mirror / "objects"
        ):
            return False
        carrying.carry(mirror, self.git_dir, commit, known=_KNOWN)
        checkouts.move_forward(folder, branch, commit)
        return True

    def drop(self, mirror: Path, branches: Mapping[str, str]) -> list[str]:
        free = {
            name: commit
            for name, commit in branches.items()
            if checkouts.folder_with(self.git_dir, name) is None
        }
        if self._wants_real_pushes():
            return pushing.drop(Address(str(self.git_dir)), mirror, free)
        if self._delete(free):
            return list(free)
        return [name for name, commit in free.items() if self._delete({name: commit})]

    def _delete(self, branches: Mapping[str, str]) -> bool:
        """Delete the branches that point to these commits: all, or none if one has moved.

        Raises:
            RefLocked: another git process holds a lock, or has left it behind.
        """
        lines = (f"delete refs/heads/{name}\0{commit}\0" for name, commit in branches.items())
        done = git.run(
            *("update-ref", "--stdin", "-z"),
            doing=f"delete branches of {self.path}",
            git_dir=self.git_dir,
            stdin="".join(lines).encode(),
            allowed=(0, 1, 128),
        )
        told = git.brief(done.stderr)
        if done.status != 0 and "File exists" in told:
            raise pushing.is_locked(next(iter(branches)), self.shown, told)
        return done.status == 0

    def _wants_real_pushes(self) -> bool:
        """Tell whether the repository does something of its own when it receives a push."""
        hooks = self.git_dir / "hooks"
        if any(os.access(hooks / name, os.X_OK) for name in _RECEIVING_HOOKS):
            return True
        return _is_configured_to_receive(self.git_dir, (self.git_dir / "config").stat().st_mtime_ns)

    @contextmanager
    def drafting(
        self, mirror: Path, branch: str, needed: Sequence[Needed]
    ) -> Iterator[Draft | None]:
        # A commit that a branch points to is complete here.
        whole = all(each.branch and self.tip(each.branch) == each.commit for each in needed)
        if not whole or self._is_open(branch) or self._wants_real_pushes():
            yield None
            return
        with (
            drafts.quarantined(mirror, self.git_dir / "objects") as quarantine,
            self._swapping(branch) as swap,
        ):

            def publish(commits: Sequence[str], expected: str | None) -> bool:
                drafts.release(quarantine, commits)
                if not self._is_open(branch):
                    return swap(commits[-1], expected)
                self.fetch(mirror, commits[-1], branch=None)
                return self.push(mirror, commits[-1], branch, expected=expected)

            yield Draft(ObjectStore(mirror, quarantine), publish)

    def _is_open(self, branch: str) -> bool:
        """Tell whether a checkout of the user has the branch open or is rebasing it."""
        try:
            return checkouts.folder_with(self.git_dir, branch) is not None
        except checkouts.CheckedOut:
            return True

    def _carry_and_swap(self, mirror: Path, branch: str, commit: str, expected: str | None) -> bool:
        with self._swapping(branch) as swap:
            carrying.carry(mirror, self.git_dir, commit, known=_KNOWN)
            return swap(commit, expected)

    @contextmanager
    def _swapping(self, branch: str) -> Iterator[Callable[[str, str | None], bool]]:
        """Start `git update-ref` while the commit is being made, which hides its start-up time."""
        with git.started(
            *("update-ref", "-m", "hephaestus", "--stdin", "-z"),
            doing=f"set '{branch}' in {self.path}",
            git_dir=self.git_dir,
        ) as finish:

            def swap(commit: str, expected: str | None) -> bool:
                old = expected or "0" * len(commit)
                update = f"update refs/heads/{branch}\0{commit}\0{old}\0"
                done = finish(update.encode(), (0, 1, 128))
                return self._is_set(branch, commit, expected, done)

            yield swap

    def _is_set(self, branch: str, commit: str, expected: str | None, done: git.Finished) -> bool:
        if done.status == 0:
            return True
        now = self.tip(branch)
        if now == commit:
            return True
        if now != expected:
            return False
        told = git.brief(done.stderr)
        if "File exists" in told:
            raise pushing.is_locked(branch, self.shown, told)
        if "cannot create" in told or "exists;" in told:
            raise pushing.name_is_taken(branch, self.shown, told)
        raise git.GitError(f"set '{branch}' in {self.path}", done)


def _common_folder(path: Path) -> Path | None:
    dot_git = path / ".git"
    if dot_git.is_dir():
        found = dot_git
    elif dot_git.is_file():
        found = checkouts.git_folder_of(dot_git)
        if (found / "commondir").is_file():
            found = (found / (found / "commondir").read_text().strip()).resolve()
    else:
        found = path
    return found if (found / "HEAD").is_file() and (found / "objects").is_dir() else None


def _object_files(git_dir: Path) -> set[str]:
    """Return the names of all loose objects and packs."""
    found = set()
    for folder in ("pack", *(f"{number:02x}" for number in range(256))):
        with suppress(FileNotFoundError):
            files = (git_dir / "objects" / folder).iterdir()
            found |= {folder + each.name for each in files if _HOLDS_OBJECTS.fullmatch(each.name)}
    return found


def _repository_above(path: Path) -> str:
    above = next((folder for folder in path.parents if (folder / ".git").exists()), None)
    return f"; it lies inside the repository {above}" if above else ""


@lru_cache(maxsize=256)
def _is_configured_to_receive(git_dir: Path, _config_time: int) -> bool:
    settings = git.run(
        *("config", "--name-only", "--get-regexp", _RECEIVING_CONFIG),
        doing=f"read the settings of {git_dir}",
        git_dir=git_dir,
        allowed=(0, 1),
    )
    # Our own core.hooksPath stands in the list; a second one is somebody's.
    names = settings.text.split()
    return len(names) > names.count("core.hookspath") or names.count("core.hookspath") > 1
