"""Makes real repositories to test on."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.merging.merges import MergeOutcome, MergeRequest, Policy
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees


@dataclass(frozen=True)
class Repo:
    """A repository of a user, with a checkout unless it is bare."""

    path: Path

    @classmethod
    def make(cls, path: Path, *, bare: bool = False) -> "Repo":
        path.mkdir(parents=True)
        repo = cls(path)
        repo.git("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))
        repo.git("config", "user.name", "A User")
        repo.git("config", "user.email", "user@example.org")
        return repo

    def git(self, *arguments: str, at: int | None = None, ok: tuple[int, ...] = (0,)) -> str:
        """Run git as the user would; `at` is the time of what is committed."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        if at is not None:
            env |= {"GIT_COMMITTER_DATE": f"@{at} +0000", "GIT_AUTHOR_DATE": f"@{at} +0000"}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode in ok, os.fsdecode(done.stderr)
        return os.fsdecode(done.stdout).strip()

    def write(self, files: dict[str, str | bytes | None]) -> "Repo":
        """Write files; None deletes."""
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def commit(self, files: dict[str, str | bytes | None], *, at: int | None = None) -> str:
        """Commit the files and all other changes; return the commit."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "work", at=at)
        return self.tip()

    def tip(self, ref: str = "HEAD") -> str:
        return self.git("rev-parse", "--verify", ref)

    def branches(self) -> list[str]:
        return self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()

    def files(self, treeish: str = "HEAD") -> dict[str, str]:
        """Return "mode object" of every path of a commit."""
        entries = {}
        for line in self.git("ls-tree", "-r", "-z", treeish).split("\0"):
            if line:
                facts, path = line.split("\t", 1)
                mode, _, object_id = facts.split(" ")
                entries[path] = f"{mode} {object_id}"
        return entries

    def show(self, treeish: str, path: str) -> str:
        return self.git("cat-file", "blob", f"{treeish}:{path}")


@dataclass(frozen=True)
class Host:
    """A mirror, and the worktrees of agents that are made from it."""

    mirror: Mirror
    worktrees: Path
    tells_branches: bool = True
    """Whether merges are told which branches the tips are on, as a host tells it."""

    def worktree(self, name: str = "one", *, commit: str | None = None) -> Repo:
        """Make a worktree on branch hephaestus/task/<name>, at main unless told otherwise."""
        path = self.worktrees / name
        start = commit or self.mirror.resolve("main")
        worktrees.add(self.mirror, path, branch=branch_of(name), commit=start)
        return Repo(path)

    def in_mirror(self, *arguments: str) -> str:
        return Repo(self.mirror.path).git(*arguments)

    def branch_tip(self, name: str = "one") -> str:
        return self.in_mirror("rev-parse", f"refs/heads/{branch_of(name)}")

    def save_commits(self, *tips: str) -> None:
        """Save the worktrees if the mirror lacks one of these commits of their agents."""
        if not all(self.mirror.has_commit(tip) for tip in tips):
            for record in self.worktrees.glob(".*.worktree"):
                name = record.name.removeprefix(".").removesuffix(".worktree")
                worktrees.save(self.worktrees / name, message="save")

    def push(self, tip: str, name: str = "one") -> None:
        self.save_commits(tip)
        branch = branch_of(name)
        assert self.mirror.push(tip, branch, expected=self.mirror.tip(branch))

    def work(
        self, name: str, files: dict[str, str | bytes | None], *, at: int | None = None
    ) -> str:
        """Let an agent commit these files on a branch of its own, save and push; return the tip."""
        agent = self.worktree(name)
        agent.commit(files, at=at)
        tip = worktrees.save(agent.path, message="save").tip
        self.push(tip, name)
        return tip

    def merge(
        self,
        *tips: str,
        policy: Policy = "newest_file_wins",
        ended: Mapping[str, int] | None = None,
    ) -> list[MergeOutcome]:
        """Merge the tips into hephaestus/flow, as a host merges the work of tasks.

        Args:
            ended: the end of the attempt of each tip, where it is told.
        """
        self.save_commits(*tips)
        names = {tip: name for name, tip in self.mirror.heads().items()}
        branches = names if self.tells_branches else {}
        return merges.merge_all(
            self.mirror,
            TARGET,
            [
                MergeRequest(
                    tip,
                    f"Merge {tip[:12]}\n\nHephaestus-Task: {tip}\n",
                    branches.get(tip),
                    (ended or {}).get(tip),
                )
                for tip in tips
            ],
            base_for_new_target="main",
            policy=policy,
        )


TARGET = "hephaestus/flow"


def branch_of(name: str) -> str:
    return f"hephaestus/task/{name}"
