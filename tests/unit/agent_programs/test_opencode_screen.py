"""Reading screens that the real OpenCode has shown."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.opencode import screen as opencode_screen

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SCREENS = Path(__file__).with_name("opencode_screens")
ANSWERED = "     ▣  Build · Scripted · 33.0s"


def screen(name: str) -> str:
    return (SCREENS / f"{name}.txt").read_text()


def retrying(said: str) -> str:
    return screen("busy").replace(
        "■⬝⬝⬝⬝⬝⬝⬝  esc", f"■⬝⬝⬝⬝⬝⬝⬝ {said} [retrying in 4h attempt #4]  esc"
    )


@pytest.mark.parametrize(
    ("name", "idle"),
    [("busy", False), ("queued", False), ("idle", True), ("unknown_model", None)],
)
def test_idle_and_busy_are_told_apart(name: str, idle: bool | None) -> None:
    assert opencode_screen.is_idle(screen(name)) is idle


def test_a_prompt_that_was_only_just_taken_is_not_idle() -> None:
    taken = screen("idle").replace(ANSWERED, "  ┃  Do it.")
    assert ANSWERED not in taken
    assert opencode_screen.is_idle(taken) is None


def test_only_a_session_takes_input() -> None:
    assert opencode_screen.takes_input(screen("idle"))
    assert opencode_screen.takes_input(screen("busy"))
    assert not opencode_screen.takes_input(screen("unknown_model"))
    assert not opencode_screen.takes_input(screen("idle") + "△ Permission required\n")


def test_what_stands_in_the_input_box_is_seen() -> None:
    typed = screen("idle").replace(
        "  ┃  Build auto", "  ┃  and then the rest of it\n  ┃  Build auto"
    )
    assert opencode_screen.shows_input(typed, "a message\nand then the rest of it")
    assert not opencode_screen.shows_input(typed, "echo over")
    pasted = typed.replace("and then the rest of it", "[Pasted ~877 lines]")
    assert opencode_screen.shows_input(pasted, "whatever it was")


def test_a_model_that_is_not_there_is_a_failure() -> None:
    failure = opencode_screen.failure(screen("unknown_model"), now=NOW)
    assert failure is not None
    assert failure.class_ is FailureClass.PERMANENT


def test_a_retry_is_a_failure_only_where_no_retry_helps() -> None:
    quota = opencode_screen.failure(retrying("You exceeded your current quota."), now=NOW)
    assert quota is not None
    assert (quota.class_, quota.reason) == (FailureClass.QUOTA, "You exceeded your current quota.")
    assert quota.until == NOW + timedelta(hours=4)
    assert opencode_screen.failure(retrying("Provider is overloaded"), now=NOW) is None
    assert opencode_screen.failure(screen("busy"), now=NOW) is None


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("in 16s attempt #5", timedelta(seconds=16)),
        ("in 1m 40s attempt #1", timedelta(minutes=1, seconds=40)),
        ("in ~2 days attempt #1", timedelta(days=2)),
        ("attempt #3", None),
    ],
)
def test_a_quota_ends_when_the_program_tries_again(shown: str, expected: timedelta | None) -> None:
    tried = retrying("Usage limit reached").replace("in 4h attempt #4", shown)
    failure = opencode_screen.failure(tried, now=NOW)
    assert failure is not None
    assert failure.until == (NOW + expected if expected else None)
