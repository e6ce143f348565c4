"""Mistakes that the real Claude Code makes are caught as those of scripted agents are.

Only its model is scripted: it follows the scripts of the behaviours.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest

from bench.behaviours.folders import read_all
from bench.behaviours.measure import SHIPPED
from bench.behaviours.plays import play_all
from bench.behaviours.verdicts import Verdict, verdict
from hephaestus_core.settings.config import Settings
from tests.e2e.claude_plays import play
from tests.e2e.stack import Stack, running_stack
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.model_server import ModelServer

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(900)]

PLAYED: Final = ("01-", "04-", "06-", "08-", "10-")
#: Claude Code folds away on its screen what tools have answered.
FOLDED: Final = "screen"
BEHAVIOURS: Final = [
    replace(each, caught=tuple(catch for catch in each.caught if catch.door != FOLDED))
    for each in read_all(SHIPPED)
    if each.name.startswith(PLAYED)
]
AT_ONCE: Final = 4


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    user = tmp_path_factory.mktemp("user")
    with ModelServer(play) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(user))
        patch.setenv("PATH", os.pathsep.join([str(CLAUDE.install()), os.environ["PATH"]]))
        keys = CLAUDE.log_in(server, user)
        for name, value in keys.items():
            patch.setenv(name, value)
        with running_stack(
            tmp_path_factory.mktemp("stack"),
            default_cli_tool="claude",
            agent_environment=sorted({*Settings().agent_environment, *keys}),
            host_slots=AT_ONCE,
            # Who is silent is reminded, and ended, within a minute.
            monitoring_interval=5,
            # The scripts have no part for an agent that finds out why a workflow stands still.
            diagnostic_agent_enabled=False,
        ) as running:
            yield running


@pytest.fixture(scope="module")
def verdicts(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    played = play_all(stack.sdk, BEHAVIOURS, tmp_path_factory.mktemp("plays"))
    assert {row["program"] for row in stack.rows("SELECT program FROM agents")} == {"claude"}
    return {each.name: verdict(each, *played[each.name]) for each in BEHAVIOURS}


@pytest.mark.parametrize("name", [each.name for each in BEHAVIOURS])
def test_a_mistake_of_claude_is_caught_and_its_honest_twin_gets_through(
    verdicts: dict[str, Verdict], name: str
) -> None:
    found = verdicts[name]
    account = "\n".join(found.lines)
    assert (found.caught, found.blocked) == ("caught", ""), account
