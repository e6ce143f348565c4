"""The bare copy of a repository that a host keeps, and its ways to and from the origin."""

import difflib
import hashlib
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from hephaestus_core.contract.branch_names import check_branch
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.foreign_repositories import refusal
from hephaestus_core.contract.repository_urls import Login
from hephaestus_worker.git import command as git
from hephaestus_worker.git import locks
from hephaestus_worker.git.config_text import path_setting
from hephaestus_worker.git.objects.drafts import Draft, Needed
from hephaestus_worker.git.objects.object_store import ObjectStore, object_path
from hephaestus_worker.git.origins import ignore_rules, remaking
from hephaestus_worker.git.origins.local import LocalOrigin
from hephaestus_worker.git.origins.origin import Origin, address, local_path
from hephaestus_worker.git.origins.remote import RemoteOrigin

_IDENTITY = ("Hephaestus", "hephaestus@localhost")
_TRIES = 5
_SHOWN_BRANCHES = 10
_DAMAGED = ".damaged"


@dataclass(frozen=True)
class Mirror:
    """A bare repository of this host with the objects of one origin.

    It owns its objects: nothing that the origin deletes can break a worktree. The origin's
    branches stand in `refs/remotes/origin/`, those of attempts in `refs/heads/`.
    """

    path: Path
    origin: str
    source: Origin = field(repr=False)

    @classmethod
    def open(cls, origin: str, root: Path, login: Login | None = None) -> "Mirror":
        """Return the mirror of the origin under `root`; made now unless there is a whole one.

        Errors as in :meth:`of` and :meth:`ensure`.
        """
        mirror = cls.of(origin, root, login)
        mirror.ensure()
        return mirror

    @classmethod
    def of(cls, origin: str, root: Path, login: Login | None = None) -> "Mirror":
        """Return the mirror of the origin under `root`, which may not be made yet.

        `origin` is a path, or a URL without a login.

        Raises:
            RepositoryError: the origin is no repository, or git is missing or too old.
        """
        git.check_git()
        source = _source(origin, login, root)
        return cls(_place(source.key, root), origin, source)

    def ensure(self, complete: Callable[["Mirror"], None] = lambda _: None) -> bool:
        """Make the mirror if there is none, or again if it was deleted or damaged.

        It is made at the same path, for worktrees that borrow its objects. What a damaged one still
        has is kept. Safe with concurrent callers in any process of this host.

        Args:
            complete: called with the new copy before it is put in place.

        Returns:
            Whether it was made.

        Raises:
            RepositoryError: the origin has no commit or cannot be reached.
        """
        return not remaking.is_whole(self.path) and self._make(complete)

    def _make(self, complete: Callable[["Mirror"], None]) -> bool:
        """Copy the origin to this host, unless another caller did it meanwhile."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self.path.with_suffix(".lock")
        doing = f"the first copy of {self.source.shown}"
        with locks.held(lock, waiting_for=doing, timeout=git.FIRST_FETCH):
            if remaking.is_whole(self.path):
                return False
            for left in self.path.parent.glob(f"{self.path.stem}.*partial"):
                shutil.rmtree(left, ignore_errors=True)
            # A new name each time: the git of a killed worker may still write to an old one.
            partial = self.path.with_suffix(f".{secrets.token_hex(4)}.partial")
            try:
                _copy(self.source, partial)
            except git.GitError as error:
                # Trying again cannot help here.
                raise refusal(self.source.shown, error.stderr) or error from error
            self._put_in_place(partial, complete)
            return True

    def _put_in_place(self, partial: Path, complete: Callable[["Mirror"], None]) -> None:
        """Rename the new copy to the mirror, with all that damaged ones still have."""
        damaged = [*self.path.parent.glob(f"{self.path.stem}.*{_DAMAGED}")]
        try:
            for each in (*damaged, self.path):
                remaking.keep_remains(each, partial)
        except OSError as error:
            raise RepositoryError(
                f"The mirror {self.path} is damaged, and what is left of it cannot be kept: "
                f"{error}. Correct the cause on this host.",
                details={"transient": True},
            ) from error
        complete(replace(self, path=partial))
        if self.path.exists():
            damaged.append(self.path.with_suffix(f".{secrets.token_hex(4)}{_DAMAGED}"))
            self.path.rename(damaged[-1])
        partial.rename(self.path)
        for each in damaged:
            shutil.rmtree(each, ignore_errors=True)

    @property
    def large_files(self) -> Path | None:
        """The origin's own folder of Git LFS, which agents share; None: there is none."""
        found = path_setting("lfs.storage", self.path)
        return Path(found) if found else None

    def refresh_ignore_rules(self) -> None:
        """Take over the ignore rules that the user keeps outside of .gitignore.

        Raises:
            RepositoryError: they cannot be read.
        """
        ignore_rules.put(self.path, self.source.ignore_rules())

    def resolve(self, ref: str) -> str:
        """Return the newest commit of the origin's branch, and fetch it into the mirror.

        Raises:
            RepositoryError: there is no such branch; the message lists the branches.
        """
        for _ in range(_TRIES):
            commit = self.tip(ref)
            if commit is None:
                raise self._unknown(ref)
            if not self.has_commit(commit):
                self.source.fetch(self.path, commit, branch=ref)
            # The branch may have moved between the two calls.
            if self.has_commit(commit):
                return commit
        raise RepositoryError(
            f"Branch '{ref}' of {self.source.shown} changes faster than it can be fetched. "
            "Try again later."
        )

    def tip(self, branch: str) -> str | None:
        """Return the newest commit of the origin's branch, None if there is no such branch."""
        return self.source.tip(check_branch(branch))

    def heads(self) -> dict[str, str]:
        """Return the commit of each branch of the origin."""
        return self.source.heads()

    def _unknown(self, branch: str) -> RepositoryError:
        names = sorted(self.heads(), key=lambda name: (name.startswith("hephaestus/"), name))
        near = difflib.get_close_matches(branch, names, n=1)
        question = f" Did you mean '{near[0]}'?" if near else ""
        more = f" and {len(names) - _SHOWN_BRANCHES} more" if len(names) > _SHOWN_BRANCHES else ""
        return RepositoryError(
            f"{self.source.shown} has no branch '{branch}'.{question} "
            f"Give one of its branches: {', '.join(names[:_SHOWN_BRANCHES])}{more}.",
            field="base_branch",
            details={"branches": names[:_SHOWN_BRANCHES]},
        )

    def has_commit(self, commit: str) -> bool:
        """Tell whether the mirror has this commit, with all that it needs."""
        git.check_commit(commit)
        if object_path(self.path / "objects", commit).exists():
            return True
        asked = git.run(
            *("cat-file", "-e", f"{commit}^{{commit}}"),
            doing=f"look for commit {commit[:12]}",
            git_dir=self.path,
            allowed=(0, 1, 128),
        )
        return asked.status == 0

    def fetch_commit(self, branch: str | None, commit: str) -> None:
        """Fetch a commit of the origin unless the mirror has it.

        Args:
            branch: a branch that contains it; None if unknown.

        Raises:
            RepositoryError: the origin does not have it (on that branch).
        """
        if self.has_commit(commit):
            return
        if branch is not None:
            check_branch(branch)
        self.source.fetch(self.path, commit, branch=branch)
        if not self.has_commit(commit):
            place = f"Branch '{branch}' of {self.source.shown}" if branch else self.source.shown
            raise RepositoryError(
                f"{place} does not hold commit {commit[:12]}. Save and push that work first, or "
                "restore the branch that held it."
            )

    def push(self, sha: str, branch: str, *, expected: str | None) -> bool:
        """Set the origin's branch to the commit by compare-and-swap.

        Args:
            expected: the commit that the branch must point to now; None: it must not exist.

        Returns:
            False if another push came first.

        Raises:
            RepositoryError: the origin cannot be reached or refuses (`PushRefused`), or
                the user has the branch checked out with changes (`checkouts.CheckedOut`).
        """
        git.check_commit(sha)
        if expected is not None:
            git.check_commit(expected)
        check_branch(branch)
        done = self.source.push(self.path, sha, branch, expected=expected)
        return done or self.tip(branch) == sha

    @contextmanager
    def drafting(self, branch: str, start: Needed, tips: Sequence[Needed]) -> Iterator[Draft]:
        """Yield a draft for commits on `branch` that merge the tips into the start.

        The mirror may lack them afterwards; a later fetch brings them.

        Raises:
            RepositoryError: the origin lacks one of the given commits; `publish` raises as
                :meth:`push` does.
        """
        check_branch(branch)
        with self.source.drafting(self.path, branch, [start, *tips]) as apart:
            yield apart or self._draft(branch, start, tips)

    def _draft(self, branch: str, start: Needed, tips: Sequence[Needed]) -> Draft:
        self.fetch_commit(start.branch, start.commit)
        for tip in tips:
            self.fetch_commit(None, tip.commit)
        return Draft(
            ObjectStore(self.path),
            lambda commits, expected: self.push(commits[-1], branch, expected=expected),
        )

    @contextmanager
    def merging(self, timeout: float) -> Iterator[None]:
        """Hold the lock for merges of this host into this origin.

        The compare-and-swap alone would be correct, but of N merges at once N - 1 would start
        again.
        """
        lock = self.path / "hephaestus-merging.lock"
        doing = f"merges into {self.source.shown}"
        with locks.held(lock, waiting_for=doing, timeout=timeout):
            yield


def pack(mirror: Path) -> None:
    """Pack loose objects and small packs of a mirror; no object is dropped.

    git's own maintenance is off in a mirror, since it would run in the background of agents'
    commands. Loose objects are packed in batches and big packs are left alone, so the time does
    not grow with the repository.

    Raises:
        RepositoryError: git cannot do it now.
    """
    _pack_loose(mirror)
    # Every fetch from a URL leaves a pack.
    _packing(mirror, "repack", "--quiet", "-d", "--geometric=2")


def _pack_loose(mirror: Path) -> None:
    _packing(mirror, "maintenance", "run", "--quiet", "--task=loose-objects")


def _packing(mirror: Path, *command: str) -> None:
    git.run(*command, doing=f"pack {mirror}", git_dir=mirror, timeout=git.NETWORK)


def _source(origin: str, login: Login | None, root: Path) -> Origin:
    folder = local_path(origin)
    if folder is None:
        return RemoteOrigin(address(origin, login))
    try:
        return LocalOrigin.at(folder)
    except OSError as error:
        raise RepositoryError(
            f"{folder} cannot be read: {error.strerror}. Give this host's user access to it.",
            field="main_repo_path",
            details={"fault": "missing"},
        ) from error
    except RepositoryError as error:
        if not any(_place(str(key), root).is_dir() for key in (folder / ".git", folder)):
            raise
        raise RepositoryError(
            f"{error.message} It was a repository before: mount it or bring it back.",
            field=error.field,
            details={**error.details, "transient": True},
        ) from error


def _place(key: str, root: Path) -> Path:
    """Return the place of the mirror of the origin with this key."""
    return root / f"{_slug(key)}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.git"


def _slug(origin: str) -> str:
    name = re.split(r"[/:]", origin.removesuffix("/.git").rstrip("/"))[-1].removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:40] or "repository"


def _copy(source: Origin, target: Path) -> None:
    if not source.heads():
        raise RepositoryError(
            f"{source.shown} has no commit yet. Make a first commit on its branch.",
            field="main_repo_path",
        )
    _clone(source, target)
    # Each start checks out from here, which takes half the time from a pack. Whatever cannot be
    # packed is found where it lies.
    with suppress(RepositoryError):
        _pack_loose(target)


def _clone(source: Origin, target: Path) -> None:
    name, mail = source.identity() or _IDENTITY
    settings = {
        "user.name": name,
        "user.email": mail,
        # Agents commit here too: no background maintenance and no file watcher.
        "gc.auto": "0",
        "maintenance.auto": "false",
        "core.fsmonitor": "false",
        # The mirror's info/exclude has the rules of this file, or of the one that replaces it.
        "core.excludesFile": "",
    }
    options = [f"--config={key}={value}" for key, value in settings.items()]
    source.clone(target, ("--bare", "--quiet", "--template=", *options))
    _rename_branches(target)
    # Without a remote, no `git push` of an agent goes to the user's branches by mistake.
    git.run(
        *("config", "--remove-section", "remote.origin"),
        doing=f"set up {target}",
        git_dir=target,
    )
    # If a file of Git LFS is missing, agents get its pointer, and the checkout goes on.
    for key, value in {"lfs.skipDownloadErrors": "true", **source.large_files()}.items():
        git.run("config", key, value, doing=f"set up {target}", git_dir=target)


def _rename_branches(mirror: Path) -> None:
    script = "create refs/remotes/origin/%(refname:lstrip=2) %(objectname)%0adelete %(refname)"
    changes = git.run(
        *("for-each-ref", f"--format={script}", "refs/heads"),
        doing=f"read the branches of {mirror}",
        git_dir=mirror,
    )
    git.run(
        *("update-ref", "--no-deref", "--stdin"),
        doing=f"set up the branches of {mirror}",
        git_dir=mirror,
        stdin=changes.stdout,
    )
