"""The work that one run of checks judges: a commit, and what its agent handed in with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Event

from hephaestus_worker.git.objects import changes
from hephaestus_worker.git.objects.changes import Change
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.kept_setups import Keeping
from hephaestus_worker.reviews.commit_files import CommitFiles
from hephaestus_worker.reviews.grounds import Ground
from hephaestus_worker.reviews.trees import Tree


@dataclass(frozen=True)
class Work:
    """A commit under check.

    Args:
        base_commit: what it is compared with.
        suite_base: the commit that tells which tests failed before.
        proof: what the agent handed in: ``test``, ``command``, ``expect``.
        setup_command: sets up a clean tree; empty for none.
        test_command: runs all tests; empty if unknown.
        submodules_of: the user's branch, whose submodules are checked out; None: all stay empty.
        working_directory: the folder of the repository in which commands run.
        folder: that of the run.
        keeping: what is kept of set-ups; None: nothing.
    """

    ground: Ground
    mirror: Mirror
    commit: str
    base_commit: str
    suite_base: str
    proof: Mapping[str, str]
    setup_command: str
    test_command: str
    submodules_of: str | None
    working_directory: str
    folder: Path
    stop: Event
    keeping: Keeping | None

    @cached_property
    def changes(self) -> list[Change]:
        """All paths that the work changes."""
        return changes.between(self.mirror.path, self.base_commit, self.commit)

    @cached_property
    def files(self) -> CommitFiles:
        """All files of the commit."""
        return CommitFiles(self.mirror.path, self.commit)

    @cached_property
    def tree(self) -> Tree:
        """The clean tree of the commit."""
        return self.tree_without("tree")

    @cached_property
    def base_tree(self) -> Tree:
        """The clean tree of the commit that tells which tests failed before."""
        return self._tree("base", self.suite_base, ())

    def tree_without(self, name: str, *taken_back: Change) -> Tree:
        """Return a clean tree of the commit in which these changes are taken back."""
        return self._tree(name, self.commit, taken_back)

    def _tree(self, name: str, commit: str, taken_back: Sequence[Change]) -> Tree:
        return Tree(
            *(self.ground, self.mirror, self.folder / name, commit, taken_back),
            *(self.setup_command, self.submodules_of, self.working_directory, self.stop),
            self.keeping,
        )
