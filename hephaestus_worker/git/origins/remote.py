"""An origin behind a URL."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.drafts import Needed
from hephaestus_worker.git.origins import ignore_rules, pushing
from hephaestus_worker.git.origins.origin import Address

_TRIES = 5
_PAUSE = 0.05

# git unpacks a small fetch while it arrives, commits before their files. An interrupted fetch
# would leave commits that look complete. A pack appears only when it is complete. Versions of git
# differ in which of the two settings counts.
_AS_A_PACK = ("-c", "fetch.unpackLimit=1", "-c", "transfer.unpackLimit=1")


@dataclass(frozen=True)
class RemoteOrigin:
    """A repository that is reached through git's transports."""

    place: Address

    @property
    def shown(self) -> str:
        return self.place.shown

    @property
    def key(self) -> str:
        return self.place.url

    @property
    def git_dir(self) -> None:
        return None

    def clone(self, target: Path, options: Sequence[str]) -> None:
        git.run(
            *self.place.options,
            *("clone", *options, "--", self.place.url, str(target)),
            doing=f"copy {self.shown} to this host",
            env=self.place.env,
            server=True,
            timeout=git.FIRST_FETCH,
        )

    def identity(self) -> tuple[str, str] | None:
        return None

    def large_files(self) -> Mapping[str, str]:
        scheme = self.place.url.partition("://")[0]
        if scheme == "git":
            return {}
        # Ranks below the repository's own .lfsconfig, like the address of a clone.
        suffix = ""
        if scheme in {"http", "https"}:
            suffix = "/info/lfs" if self.place.url.endswith(".git") else ".git/info/lfs"
        return {"remote.origin.lfsurl": self.place.url.rstrip("/") + suffix}

    def ignore_rules(self) -> bytes:
        return ignore_rules.of_user()

    def heads(self) -> dict[str, str]:
        return self._list("refs/heads/*")

    def tip(self, branch: str) -> str | None:
        return self._list(f"refs/heads/{branch}").get(branch)

    def _list(self, pattern: str) -> dict[str, str]:
        listed = git.run(
            *self.place.options,
            *("ls-remote", "--", self.place.url, pattern),
            doing=f"read the branches of {self.shown}",
            env=self.place.env,
            server=True,
            timeout=git.NETWORK,
        )
        pairs = (line.split("\t", 1) for line in listed.text.splitlines())
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}

    def fetch(self, mirror: Path, commit: str, *, branch: str | None) -> None:
        if branch is not None:
            self._fetch(mirror, f"+refs/heads/{branch}:refs/remotes/origin/{branch}")
            return
        try:
            self._fetch(mirror, commit)
        except git.GitError:
            # Some servers serve only the tips of branches.
            self._fetch(mirror, "+refs/heads/*:refs/remotes/origin/*")

    def _fetch(self, mirror: Path, refspec: str) -> None:
        for tries_left in reversed(range(_TRIES)):
            done = git.run(
                *self.place.options,
                *_AS_A_PACK,
                *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
                *("--no-recurse-submodules", "--no-auto-maintenance", "--", self.place.url),
                refspec,
                doing=f"fetch {refspec} from {self.shown}",
                git_dir=mirror,
                env=self.place.env,
                server=True,
                timeout=git.NETWORK,
                allowed=(0, 1, 128),
            )
            # Of two fetches of one branch at once, one finds the mirror's ref locked.
            if done.status == 0 or "cannot lock ref" not in done.stderr or not tries_left:
                break
            time.sleep(_PAUSE)
        if done.status:
            raise git.GitError(f"fetch {refspec} from {self.shown}", done)

    def push(self, mirror: Path, commit: str, branch: str, *, expected: str | None) -> bool:
        return pushing.push(self.place, mirror, commit, branch, expected=expected)

    def drafting(
        self, mirror: Path, branch: str, needed: Sequence[Needed]
    ) -> AbstractContextManager[None]:
        del mirror, branch, needed
        return nullcontext()

    def drop(self, mirror: Path, branches: Mapping[str, str]) -> list[str]:
        return pushing.drop(self.place, mirror, branches)
