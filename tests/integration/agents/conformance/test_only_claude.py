"""What only Claude Code does: it tries again by itself, and asks what to do about a limit."""

from datetime import timedelta
from typing import Any

import pytest

from hephaestus_core.clock import utcnow
from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agent_programs.claude import screen as claude_screen
from hephaestus_worker.guardian.sights import REFUSALS
from tests.integration.agents.conformance.case_claude import CLAUDE, log_in_person
from tests.integration.agents.conformance.cases import Case
from tests.integration.agents.conformance.conftest import START_SECONDS, World
from tests.model_server import Fault, Text, ToolUse, turns
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program


@pytest.fixture
def case() -> Case:
    return CLAUDE


def test_a_server_that_comes_back_is_no_failure(world: World) -> None:
    answers: list[Any] = [Fault(529), Fault(529)]
    world.model.script = lambda _: answers.pop() if answers else Text("Recovered.")
    agent = world.start_unplanned("Do it.", CLAUDE_CODE_MAX_RETRIES="")
    wait_until(lambda: "Retrying in" in agent.screen(), timeout=START_SECONDS, what="a retry")
    assert agent.failure() is None
    assert agent.program.is_idle(agent.screen()) is False
    world.wait_for_words(agent, "Recovered.")


def test_a_person_who_is_logged_in_needs_no_key_until_the_limit(world: World) -> None:
    token = log_in_person(world.home)
    ends = utcnow().replace(microsecond=0, second=0) + timedelta(hours=2)
    limit = {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": str(int(ends.timestamp())),
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
    }
    world.model.script = lambda _: Fault(429, "used up", limit)
    agent = world.start_unplanned("Do it.", ANTHROPIC_API_KEY="")
    wait_until(
        lambda: claude_screen.asks_about_limit(agent.screen()),
        timeout=START_SECONDS,
        what="the limit",
    )
    assert world.model.conversations()[0].headers["authorization"] == f"Bearer {token}"
    failure = agent.failure()
    assert failure is not None
    assert (failure.class_, failure.until) == (FailureClass.QUOTA, ends)

    world.model.script = turns("Again.")
    assert agent.deliver("The limit is over, go on.")
    world.wait_for_words(agent, "Again.")


def test_a_refused_key_is_told_while_it_still_tries_again(world: World) -> None:
    world.model.script = lambda _: Fault(401, "Incorrect API key provided.")
    agent = world.start_unplanned("Do it.", CLAUDE_CODE_MAX_RETRIES="")
    read: dict[str, int] = {}
    told: list[str] = []

    def refused() -> bool:
        signs = agent.program.signs(agent.launch.folder, read)
        told.extend(sign.text for sign in signs if sign.kind == "key_refused")
        return len(told) >= REFUSALS

    wait_until(refused, timeout=START_SECONDS, what="enough refusals")
    assert set(told) == {"401 Incorrect API key provided."}
    assert "Retrying in" in agent.screen()


def test_its_hooks_tell_actions_and_it_cannot_ask_at_its_terminal(world: World) -> None:
    question = {"questions": [{"question": "Which?", "header": "Which", "options": []}]}
    world.model.script = turns(
        ToolUse("Bash", {"command": "echo hello", "description": "says it"}),
        ToolUse("AskUserQuestion", question),
        ToolUse("EnterPlanMode", {}),
        Text("Finished."),
    )
    agent = world.start_unplanned("Do it.")
    world.wait_for_words(agent, "Finished.")
    signs: list[Sign] = []

    def stopped() -> bool:
        signs.extend(agent.program.signs(agent.launch.folder, read))
        return any(sign.kind == "stopped" for sign in signs)

    read: dict[str, int] = {}
    wait_until(stopped, timeout=START_SECONDS, what="the sign of its stop")
    assert signs[0].text == "Bash: echo hello"
    assert not any(sign.kind == "asks" for sign in signs)
    assert not {"AskUserQuestion", "EnterPlanMode"} & set(world.model.conversations()[0].tools)
