"""One vocabulary: every status has its sign, and every sign a glyph of its own."""

import pytest

from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.signs import Sign, sign_of_agent, sign_of_task, sign_of_workflow
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.guardian.observation import Label


def test_each_sign_has_a_glyph_of_its_own_and_words() -> None:
    assert "".join(sign.glyph for sign in Sign) == "◆▲●○✓✗◌"
    assert Sign.WAITS_FOR_YOU.shown == "◆ waits for you"


def test_each_status_of_a_task_has_its_sign() -> None:
    signs = [sign_of_task(status) for status in TaskStatus]
    assert "".join(sign.glyph for sign in signs) == "○○◆●●●●✓✗◌◌"
    assert sign_of_task("of a newer server") == Sign.AT_WORK


def test_each_condition_of_a_workflow_has_its_sign() -> None:
    signs = [sign_of_workflow(condition, "active") for condition in Condition]
    assert "".join(sign.glyph for sign in signs) == "●◆▲✓✓"
    assert sign_of_workflow("over", "stopped") == Sign.STOPPED


def test_each_verdict_on_an_agent_has_its_sign() -> None:
    signs = {label: sign_of_agent("working", label).glyph for label in Label}
    assert [label for label, glyph in signs.items() if glyph == "●"] == ["working", "long_command"]
    assert [label for label, glyph in signs.items() if glyph == "◆"] == ["waiting_for_person"]
    assert signs[Label.LIMITED] == "○"
    assert signs[Label.HUNG] == signs[Label.LOOPING] == "▲"


@pytest.mark.parametrize(
    ("status", "verdict", "flags", "sign"),
    [
        ("starting", "hung", {}, Sign.AT_WORK),
        ("working", None, {}, Sign.AT_WORK),
        ("working", "hung", {"fine": True}, Sign.AT_WORK),
        ("working", "waiting_for_person", {"fine": True}, Sign.WAITS_FOR_YOU),
        ("stopping", "hung", {}, Sign.STOPPED),
        ("finished", "hung", {}, Sign.DONE),
        ("finished", None, {"failed": True}, Sign.FAILED),
        ("lost", "working", {}, Sign.FAILED),
    ],
)
def test_the_status_of_an_agent_counts_before_what_was_seen(
    status: str, verdict: str | None, flags: dict[str, bool], sign: Sign
) -> None:
    assert sign_of_agent(status, verdict, **flags) == sign
