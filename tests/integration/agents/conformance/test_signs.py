"""The signs of its work that a program leaves by itself: they are read before its next sweep."""

from collections.abc import Callable
from typing import Final

import pytest

from hephaestus_worker.agent_programs.base import Sign
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_configured import CONFIGURED
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import Case, Run, Say
from tests.integration.agents.conformance.conftest import START_SECONDS, World
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program

#: Programs that tell nothing by themselves.
SCREEN_ALONE: Final = {CONFIGURED.name}
#: Programs that do not tell which of their actions failed.
FAILURES_UNTOLD: Final = {CODEX_CLI.name}


@pytest.fixture(
    params=[CLAUDE, CODEX_CLI, OPENCODE_CLI, DROID_EXEC, CONFIGURED], ids=lambda case: case.name
)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


def test_its_actions_failures_and_stops_are_told(world: World) -> None:
    held = "echo begun; while [ ! -e go ]; do sleep 0.05; done; exit 3"
    agent = world.start("Do it.", Run("echo hello"), Run(held), Say("Finished."))
    read: dict[str, int] = {}
    told: list[Sign] = []

    def has(which: Callable[[Sign], bool]) -> bool:
        told.extend(agent.program.signs(agent.launch.folder, read))
        return any(map(which, told))

    if world.case.name in SCREEN_ALONE:
        (agent.launch.worktree / "go").touch()
        world.wait_for_words(agent, "Finished.")
        assert agent.program.signs(agent.launch.folder, read) == []
        return
    wait_until(
        lambda: has(lambda sign: sign.kind == "action" and "echo begun" in sign.text),
        timeout=START_SECONDS,
        what="the sign of a command that goes on",
    )
    (agent.launch.worktree / "go").touch()
    wait_until(
        lambda: has(lambda sign: sign.kind == "stopped"), timeout=START_SECONDS, what="its stop"
    )
    actions = [sign.text for sign in told if sign.kind == "action"]
    assert ["echo hello" in text for text in actions] == [True, False]
    assert len({sign.digest for sign in told if sign.kind == "action"}) == 2
    failed = [sign for sign in told if sign.kind == "action_failed"]
    assert len(failed) == (0 if world.case.name in FAILURES_UNTOLD else 1)
