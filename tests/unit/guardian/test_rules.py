"""The rules, each at its threshold."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from hephaestus_core.guardian.assessing import assess
from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import KILLS, Act, Alive, Label, Look, Signal
from hephaestus_core.guardian.rules.table import RULES

DOCS = Path(__file__).resolve().parents[3] / "docs" / "guardian-rules.md"


def looks(count: int, every: float = 60, **facts: object) -> list[Look]:
    first = Look(0, process=Alive.YES)
    return [replace(first, at=number * every, **facts) for number in range(count)]  # type: ignore[arg-type]


def test_a_signal_counts_before_the_screen() -> None:
    idle = looks(2, signal=Signal.IDLE, screen="✻ Working… (3s)", tool_calls=1)
    assert assess(idle, program="claude").label is Label.IDLE
    asks = looks(1, signal=Signal.ASKS, tool_calls=1)
    assert (assess(asks).label, assess(asks).act) == (Label.ASKING, Act.ASK)


def test_a_screen_that_looks_like_a_question_is_looked_at_once_more() -> None:
    """An agent may print such a dialog, and parking would end its program."""
    screen = "Which one?\n❯ 1. This\n  2. That\nEnter to select · Esc to cancel"
    seen = looks(4, every=2, screen=screen, tool_calls=1)
    acts = [assess(seen[:count], program="claude").act for count in (1, 2, 3, 4)]
    assert acts == [Act.LEAVE, Act.LEAVE, Act.LEAVE, Act.ASK]
    assert assess(seen[:1], program="claude").label is Label.ASKING


def test_one_look_at_a_waiting_prompt_is_not_enough_to_steer() -> None:
    seen = looks(2, signal=Signal.IDLE, tool_calls=1)
    assert assess(seen[:1]).act is Act.LEAVE
    assert assess(seen).act is Act.STEER


def test_an_agent_with_an_unread_message_is_not_steered_again() -> None:
    assert assess(looks(3, signal=Signal.IDLE, tool_calls=1, queued_messages=1)).act is Act.LEAVE


def test_silence_is_told_first_and_ended_later() -> None:
    seen = looks(17, signal=Signal.BUSY, tool_calls=3, screen="x")
    assert assess(seen[:5]).label is Label.WORKING
    assert (assess(seen[:6]).label, assess(seen[:6]).act) == (Label.HUNG, Act.TELL)
    assert assess(seen[:6]).silence == 300
    assert assess(seen).act is Act.RESTART


def test_a_message_on_the_screen_is_no_headway_of_a_program_that_hangs() -> None:
    first, told, later = (
        Look(at=at, process=Alive.YES, screen=screen, typed=typed)
        for at, screen, typed in (
            (0.0, "[step] run", 0),
            (300.0, "[step] run\nGo on.", 1),
            (960.0, "[step] run\nGo on.", 1),
        )
    )
    assert (assess([first, told]).label, assess([first, told]).act) == (Label.HUNG, Act.TELL)
    assert assess([first, told, later, replace(later, at=1000.0)]).act is Act.RESTART
    answered = replace(later, screen="[step] run\nGo on.\n[step] more")
    assert assess([first, told, answered]).label is Label.WORKING


def test_a_running_command_may_take_an_hour() -> None:
    running = {"tool_running": True, "last_tool": "Bash: make", "tool_calls": 3, "screen": "x"}
    seen = looks(31, every=119, signal=Signal.BUSY, **running)
    assert assess(seen).label is Label.LONG_COMMAND
    verdict = assess(looks(32, every=119, signal=Signal.BUSY, **running))
    assert (verdict.label, verdict.act) == (Label.HUNG, Act.TELL)


@pytest.mark.parametrize(("repeats", "label"), [(4, Label.WORKING), (5, Label.FAILING)])
def test_calls_that_hooks_count_are_a_loop(repeats: int, label: Label) -> None:
    seen = looks(1, repeats=repeats, last_tool="Bash: false", last_tool_failed=True)
    assert assess(seen).label is label


@pytest.mark.parametrize(
    "facts", [{"turns": 3}, {"input_tokens": 60, "output_tokens": 50}, {"cost": 1.5}]
)
def test_an_attempt_over_a_limit_is_parked(facts: dict[str, float]) -> None:
    limits = Limits(turns=2, tokens=100, cost=1.0)
    assert assess(looks(2, **facts), limits).act is Act.PARK
    assert assess(looks(2, **facts)).act is Act.LEAVE


def test_an_attempt_that_nears_a_limit_is_told() -> None:
    verdict = assess(looks(2, turns=9), Limits(turns=10))
    assert (verdict.rule, verdict.act) == ("near_limits", Act.STEER)
    assert verdict.evidence == ("9 turns of 10",)
    assert assess(looks(2, turns=8), Limits(turns=10)).act is Act.LEAVE


def test_a_loop_does_not_hide_that_a_limit_is_passed() -> None:
    seen = looks(2, turns=11, repeats=9, last_tool="Bash: false", last_tool_failed=True)
    assert assess(seen, Limits(turns=10)).rule == "over_limits"


def test_an_attempt_over_its_time_is_parked() -> None:
    assert assess(looks(5), Limits(age=120)).act is Act.PARK


def creating(*counts: int) -> list[Look]:
    seen = zip(looks(len(counts)), counts, strict=True)
    return [replace(look, children=count) for look, count in seen]


def test_an_agent_that_creates_tasks_without_end_is_told() -> None:
    assert assess(creating(12, 21)).act is Act.TELL
    assert assess(creating(12, 20)).act is Act.LEAVE


def test_an_agent_that_has_created_many_tasks_and_stopped_is_left_alone() -> None:
    assert assess(creating(21)).act is Act.LEAVE
    assert assess(creating(12, 21, 21)).act is Act.LEAVE


def test_a_limit_that_is_near_is_told_before_what_only_people_hear() -> None:
    seen = [replace(look, tool_calls=20 * n, turns=9) for n, look in enumerate(looks(3))]
    assert assess(seen, Limits(turns=10)).rule == "near_limits"


def test_an_agent_that_nobody_sees_is_told_and_not_ended() -> None:
    seen = looks(3, process=Alive.UNKNOWN)
    assert assess(seen[:2]).act is Act.LEAVE
    assert (assess(seen).label, assess(seen).act) == (Label.UNKNOWN, Act.TELL)


def test_many_calls_without_a_change_are_told_and_not_steered() -> None:
    seen = [replace(look, tool_calls=20 * n) for n, look in enumerate(looks(3, changed_files=0))]
    assert assess(seen[:2]).act is Act.LEAVE
    assert assess(seen).act is Act.TELL


def test_ending_needs_two_looks_whatever_the_rule() -> None:
    one = assess(looks(1, process=Alive.NO, started_at=-900.0))
    assert one.act not in KILLS


def test_rules_name_settings_that_exist_and_every_setting_is_used() -> None:
    named = {setting for rule in RULES for setting in rule.settings}
    assert named == {field.name for field in fields(Limits)}
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_the_documentation_has_the_table_of_rules() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for rule in RULES:
        settings = ", ".join(f"`{name}`" for name in rule.settings) or "-"
        assert f"| `{rule.name}` | {rule.reason} | {rule.threshold} | {settings} |" in text
    for field in fields(Limits):
        assert f"| `{field.name}` | {field.default} |" in text


def retrying(reason: str) -> str:
    rule = "─" * 80
    return (
        f"❯ Do it.\n\n✻ {reason} · Retrying in 4s · attempt 3/10\n\n{rule}\n❯ \n{rule}\n"
        "  ⏵⏵ bypass permissions on · esc to interrupt\n"
    )


def test_a_single_retry_is_no_failure() -> None:
    seen = looks(8, screen=retrying("API error"), tool_calls=2)
    labels = [assess(seen[:count], program="claude").label for count in (1, 2)]
    assert labels == [Label.WORKING, Label.FAILING]
    assert assess(seen[:2], program="claude").act is Act.TELL
    assert assess(seen, program="claude").act is Act.NEXT_PROGRAM


def test_a_refused_key_ends_a_program_within_seconds() -> None:
    seen = looks(2, every=6, screen=retrying("401 invalid x-api-key"), tool_calls=0)
    assert assess(seen[:1], program="claude").act is Act.LEAVE
    assert assess(seen, program="claude").act is Act.NEXT_PROGRAM
