"""Settings and instructions that the author of reviewed work has committed steer no reviewer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from hephaestus_worker.agent_programs.base import Promise
from hephaestus_worker.agents.steering_files import STEERING
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from tests.integration.agents.conformance.cases import Read, Say
from tests.integration.agents.conformance.conftest import START_SECONDS, World
from tests.integration.agents.conformance.planted import HEEDED, PLANTED, READ_ME, effects
from tests.integration.git.making import Repo
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program

#: What a program itself ignores as a reviewer, should it appear in the worktree later.
IGNORED: Final = {
    "claude": HEEDED["claude"],
    "codex": {"AGENTS.md"},
    "opencode": HEEDED["opencode"] - {"sub/AGENTS.md"},
    "droid": {"ran-factory-hook"},
}


@dataclass(frozen=True)
class Project:
    """A project that has settings for every program."""

    mirror: Mirror
    commit: str
    folder: Path
    world: World

    def effects(self, name: str, *, judges: bool, left_out: Sequence[str] = ()) -> set[str]:
        """Let an agent read a file of the project; return what had an effect on it until then."""
        worktree = self.folder / name
        branch = f"hephaestus/task/{name}"
        worktrees.add(self.mirror, worktree, branch=branch, commit=self.commit, left_out=left_out)
        world, before = self.world, len(self.world.model.requests)
        steps = (Read(worktree / READ_ME), Say("Was read."))
        agent = world.make_agent(
            world.case.program,
            world.case.plan(world.model, "Read.", steps),
            mcp_url=world.tools.url,
            token=world.tools.token,
            model=world.case.model,
            environment=world.case.environment(world.model, world.home),
            worktree=worktree,
            working_directory=worktree,
            readable=(self.mirror.path / "objects",),
            writable=(worktree.with_name(f".{name}.git"),),
            judges=judges,
        )
        agent.start()
        world.wait_for_words(agent, "Was read.")

        def found() -> set[str]:
            told = [request.body for request in world.model.requests[before:]]
            return effects(worktree, json.dumps(told))

        if not judges:
            expected = HEEDED[world.case.name]
            wait_until(
                lambda: found() >= expected, timeout=START_SECONDS, what=f"{expected - found()}"
            )
        return found()


@pytest.fixture
def project(world: World, tmp_path: Path) -> Project:
    user = Repo.make(tmp_path / "user")
    commit = user.commit(dict(PLANTED))
    mirror = Mirror.open(str(user.path), tmp_path / "mirrors")
    return Project(mirror, commit, tmp_path / "worktrees", world)


@pytest.mark.promise(Promise.UNSTEERED)
def test_what_the_repository_says_has_an_effect_on_authors_and_none_on_reviewers(
    project: Project,
) -> None:
    assert project.effects("author", judges=False) == HEEDED[project.world.case.name]
    assert project.effects("reviewer", judges=True, left_out=STEERING) == set()


def test_programs_that_can_be_told_ignore_what_appears_during_a_review(project: Project) -> None:
    ignored = IGNORED.get(project.world.case.name)
    if ignored is not None:
        assert project.effects("reviewer", judges=True).isdisjoint(ignored)
