"""Reading screens that the real program has shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.claude import screen as claude_screen

SCREENS = Path(__file__).with_name("screens")
NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


def screen(name: str) -> str:
    return (SCREENS / f"{name}.txt").read_text()


@pytest.mark.parametrize(
    ("name", "idle"),
    [
        ("starting", None),
        ("busy_thinking", False),
        ("busy_tool", False),
        ("busy_queued", False),
        ("busy_queued_long", False),
        ("retrying", False),
        ("idle", True),
        ("idle_after_long", True),
        ("idle_typed", True),
        ("refused_401", True),
        ("refused_529", True),
        ("ended", None),
        ("dialog_key", None),
        ("dialog_trust", None),
        ("dialog_onboarding", None),
        ("limit_session", None),
    ],
)
def test_idle_and_busy_are_told_apart(name: str, idle: bool | None) -> None:
    assert claude_screen.is_idle(screen(name)) is idle


@pytest.mark.parametrize("name", [path.stem for path in sorted(SCREENS.glob("*.txt"))])
def test_only_dialogs_take_no_input(name: str) -> None:
    at_dialog = name.startswith(("dialog", "limit"))
    assert claude_screen.takes_input(screen(name)) is not at_dialog


@pytest.mark.parametrize(
    ("name", "expected", "reason"),
    [
        ("refused_401", FailureClass.PERMANENT, "Please run /login · API Error: 401 as the"),
        ("refused_404", FailureClass.PERMANENT, "Run /model to pick a different model."),
        ("refused_429", FailureClass.QUOTA, "Request rejected (429) · as the script says"),
        ("refused_500", FailureClass.TRANSIENT, "API Error: 500 as the script says"),
        ("refused_529", FailureClass.TRANSIENT, "API Error: 529 as the script says"),
        ("limit_session", FailureClass.QUOTA, "You've hit your session limit"),
        ("limit_week", FailureClass.QUOTA, "You've hit your weekly limit"),
        ("dialog_key", FailureClass.PERMANENT, "waits at a dialog"),
        ("dialog_trust", FailureClass.PERMANENT, "waits at a dialog"),
        ("dialog_onboarding", FailureClass.PERMANENT, "waits at a dialog"),
    ],
)
def test_failures_are_recognised(name: str, expected: FailureClass, reason: str) -> None:
    failure = claude_screen.failure(screen(name), now=NOW)
    assert failure is not None
    assert (failure.class_, reason in failure.reason) == (expected, True)


@pytest.mark.parametrize(
    "name",
    ["starting", "busy_thinking", "busy_tool", "busy_queued", "retrying", "idle", "ended"],
)
def test_what_goes_well_is_no_failure(name: str) -> None:
    assert claude_screen.failure(screen(name), now=NOW) is None


def test_an_agent_may_speak_of_errors() -> None:
    said = "● More.\n\n  API Error: 529 is what I saw in the log.\n  Select login method\n"
    shown = screen("idle").replace("● more", said)
    assert said in shown
    assert claude_screen.failure(shown, now=NOW) is None


def test_a_failure_is_over_with_the_next_prompt() -> None:
    lines = screen("refused_529").splitlines()
    first_rule = next(number for number, line in enumerate(lines) if line.startswith("────"))
    lines[first_rule:first_rule] = ["❯ Try again.", ""]
    assert claude_screen.failure("\n".join(lines), now=NOW) is None


@pytest.mark.parametrize(
    ("resets", "until"),
    [
        ("resets 8:29pm (UTC)", datetime(2026, 11, 22, 20, 29, tzinfo=UTC)),
        ("resets 3pm (UTC)", datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
        ("resets 12am (UTC)", datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
        ("resets 3pm (America/New_York)", datetime(2026, 11, 22, 20, 0, tzinfo=UTC)),
        ("resets Nov 25, 6pm (UTC)", datetime(2026, 11, 25, 18, 0, tzinfo=UTC)),
        ("resets Jan 2, 2027, 6pm (UTC)", datetime(2027, 1, 2, 18, 0, tzinfo=UTC)),
        ("resets Jan 2, 6:30am (UTC)", datetime(2027, 1, 2, 6, 30, tzinfo=UTC)),
        ("resets Feb 31, 6pm (UTC)", None),
        ("no time said", None),
    ],
)
def test_the_end_of_a_limit_is_read(resets: str, until: datetime | None) -> None:
    shown = f"❯ do it\n  ⎿  You've hit your session limit · {resets}\n"
    failure = claude_screen.failure(shown, now=NOW)
    assert failure is not None
    assert failure.until == until


def test_the_limits_of_real_screens_have_an_end() -> None:
    for name, until in (
        ("limit_session", datetime(2026, 11, 22, 20, 29, tzinfo=UTC)),
        ("limit_week", datetime(2026, 11, 25, 18, 0, tzinfo=UTC)),
    ):
        failure = claude_screen.failure(screen(name), now=NOW)
        assert failure is not None
        assert failure.until is not None
        assert failure.until.date() == until.date()


def test_the_choice_at_a_limit_is_seen() -> None:
    assert claude_screen.asks_about_limit(screen("limit_session"))
    assert not claude_screen.asks_about_limit(screen("idle"))


def test_the_end_of_a_message_is_seen_in_the_input() -> None:
    assert claude_screen.shows_input(screen("idle_typed"), "typed but\nnot sent")
    assert not claude_screen.shows_input(screen("idle"), "typed but not sent")


def test_a_note_in_the_footer_does_not_hide_that_it_is_busy() -> None:
    tip = "(0s)\n  ⎿  Tip: Start with small features"
    busy = screen("busy_thinking").replace("…", f"… {tip}", 1)
    shown = busy.replace(
        "bypass permissions on (shift+tab to cycle) · esc to interrupt", "paste again to expand"
    )
    assert "esc to interrupt" not in shown
    assert claude_screen.is_idle(shown) is False
