"""Reading screens that the real Codex has shown."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.codex import screen as codex_screen

SCREENS = Path(__file__).with_name("codex_screens")
NOW = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)


def screen(name: str) -> str:
    return (SCREENS / f"{name}.txt").read_text()


@pytest.fixture(autouse=True)
def clock_in_rome(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("name", "idle"),
    [
        ("busy", False),
        ("queued", False),
        ("idle", True),
        ("quota", True),
        ("overload", True),
        ("limit", True),
        ("dialog_trust", None),
        ("dialog_login", None),
        ("ended", None),
    ],
)
def test_idle_and_busy_are_told_apart(name: str, idle: bool | None) -> None:
    assert codex_screen.is_idle(screen(name)) is idle


def test_a_prompt_that_was_only_just_taken_is_not_idle() -> None:
    assert codex_screen.is_idle("› Do it.\n\n› Ask Codex to do anything\n") is None


@pytest.mark.parametrize("name", [path.stem for path in sorted(SCREENS.glob("*.txt"))])
def test_only_dialogs_and_the_end_take_no_input(name: str) -> None:
    open_to_input = not name.startswith(("dialog", "ended"))
    assert codex_screen.takes_input(screen(name)) is open_to_input


@pytest.mark.parametrize(
    ("name", "expected", "reason"),
    [
        ("wrong_model", FailureClass.PERMANENT, "does not exist or you do not have access"),
        ("refused_key", FailureClass.PERMANENT, "Incorrect API key provided"),
        ("quota", FailureClass.QUOTA, "last status: 429"),
        ("limit", FailureClass.QUOTA, "to purchase more credits or try again"),
        ("overload", FailureClass.TRANSIENT, "unexpected status 529"),
        ("dialog_trust", FailureClass.PERMANENT, "waits at a dialog"),
        ("dialog_login", FailureClass.PERMANENT, "waits at a dialog"),
        ("ended", FailureClass.PERMANENT, "expected a string in `model_reasoning_effort`"),
    ],
)
def test_failures_are_recognised(name: str, expected: FailureClass, reason: str) -> None:
    failure = codex_screen.failure(screen(name), now=NOW)
    assert failure is not None
    assert failure.class_ is expected
    assert reason in failure.reason


@pytest.mark.parametrize("name", ["busy", "queued", "idle"])
def test_where_nothing_went_wrong_there_is_no_failure(name: str) -> None:
    assert codex_screen.failure(screen(name), now=NOW) is None


@pytest.mark.parametrize("answer", ["• All done.", "■ Conversation interrupted - use /feedback"])
def test_a_fault_that_an_answer_follows_is_over(answer: str) -> None:
    later = f"› Again.\n\n{answer}\n\n› Ask Codex to do anything\n"
    failed = screen("quota").rpartition("› Ask")[0]
    assert codex_screen.failure(failed + later, now=NOW) is None


@pytest.mark.parametrize(
    ("name", "now", "until"),
    [
        ("limit", NOW, datetime(2026, 11, 25, 16, 31, tzinfo=UTC)),
        ("limit", NOW.replace(hour=17), datetime(2026, 11, 26, 16, 31, tzinfo=UTC)),
        ("limit_days", NOW, datetime(2026, 11, 27, 11, 29, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_limit_is_read_by_the_hosts_clock(
    name: str, now: datetime, until: datetime
) -> None:
    failure = codex_screen.failure(screen(name), now=now)
    assert failure is not None
    assert failure.until == until


def test_a_time_that_there_is_not_is_no_time() -> None:
    odd = screen("limit_days").replace("Nov 27th", "Nov 31st")
    failure = codex_screen.failure(odd, now=NOW)
    assert failure is not None
    assert failure.until is None


def test_a_configuration_that_it_cannot_load_is_permanent() -> None:
    said = 'Error loading configuration: approval_policy = "untrusted" is no longer supported'
    failure = codex_screen.failure(f"WARNING: proceeding\n{said}\n", now=NOW)
    assert failure is not None
    assert failure.class_ is FailureClass.PERMANENT
    assert "approval_policy" in failure.reason
