"""What lasts is counted beyond the looks that are kept."""

from collections import deque
from collections.abc import Iterable
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.guardian import CASES
from hephaestus_core.guardian.assessing import LONGEST_HISTORY, assess
from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import Act, Alive, Label, Look, Signal, Verdict
from hephaestus_core.guardian.rules.lasting import followed

DAY = 86_400.0
#: Looks within the time that is waited for, from fewer than two to many more than are kept.
LOOKS = st.floats(1.2, 100)
SCREEN = "some words"
IDLE_WITH_A_SHELL = (CASES / "claude-background-01" / "12.txt").read_text(encoding="utf-8")


def look(at: float, **facts: object) -> Look:
    return Look(at, **({"process": Alive.YES, "signal": Signal.BUSY, "screen": SCREEN} | facts))  # type: ignore[arg-type]


def verdict(looks: Iterable[Look], limits: Limits, program: str = "") -> Verdict:
    """Return the verdict at the last look, when few are kept at a time."""
    kept: deque[Look] = deque(maxlen=LONGEST_HISTORY)
    for each in looks:
        kept.append(followed(kept[-1] if kept else None, each, program))
    return assess(tuple(kept), limits, program)


def working(start: float, count: int, every: float) -> list[Look]:
    """Return looks at an agent that acts, each with a call more."""
    return [look(start + n * every, tool_calls=n + 1) for n in range(count)]


def until(looks: Iterable[Look], since: float, seconds: float) -> tuple[list[Look], Look]:
    """Return the looks before so many seconds are over, and the first one after that."""
    found = iter(looks)
    before: list[Look] = []
    for each in found:
        if each.at - since >= seconds:
            return before, each
        before.append(each)
    raise AssertionError("no look is late enough")


def silent(last: Look, every: float) -> Iterable[Look]:
    """Return looks without end at an agent that does nothing more."""
    count = 1
    while True:
        yield look(last.at + count * every, tool_calls=last.tool_calls)
        count += 1


@given(st.floats(20, DAY), LOOKS, st.integers(1, 40), st.floats(0, 1e7))
def test_silence_is_found_at_the_first_look_after_its_threshold(
    silence: float, looks: float, acted: int, start: float
) -> None:
    limits = Limits(silence=silence, silence_kill=3 * silence)
    every = silence / looks
    done = working(start, acted, every)
    for seconds, early, late in (
        (silence, (Label.WORKING, Act.LEAVE), (Label.HUNG, Act.TELL)),
        (3 * silence, (Label.HUNG, Act.TELL), (Label.HUNG, Act.RESTART)),
    ):
        before, found = until(silent(done[-1], every), done[-1].at, seconds)
        last = verdict([*done, *before], limits)
        assert (last.label, last.act) == early
        last = verdict([*done, *before, found], limits)
        assert (last.label, last.act) == late


@given(st.floats(60, DAY), LOOKS, st.floats(0, 1e7))
def test_a_long_command_is_told_at_the_first_look_after_its_limit(
    seconds: float, looks: float, start: float
) -> None:
    limits, every = Limits(command=seconds), seconds / looks
    facts = {"tool_running": True, "last_tool": "Bash: make", "tool_calls": 9}
    runs = [look(start + n * every, **facts) for n in range(int(looks) + 3)]
    before = list(takewhile(lambda each: each.at - start <= seconds, runs))
    assert verdict(before, limits).label in {Label.LONG_COMMAND, Label.WORKING}
    last = verdict(runs[: len(before) + 1], limits)
    assert (last.label, last.act) == (Label.HUNG, Act.TELL)


def test_another_command_begins_anew() -> None:
    limits = Limits(command=100)
    seen = [
        look(
            at * 10.0, tool_running=True, last_tool=f"Bash: make {at // 9}", tool_calls=at // 9 + 1
        )
        for at in range(90)
    ]
    assert verdict(seen, limits).label is Label.LONG_COMMAND


@pytest.mark.parametrize(
    ("program", "facts", "limits", "early", "late"),
    [
        pytest.param(
            *("claude", {"screen": SCREEN}, Limits(frozen=100, silence=200)),
            *((Label.HUNG, Act.TELL), (Label.HUNG, Act.RESTART)),
            id="picture",
        ),
        pytest.param(
            *("claude", {"signal": None, "screen": IDLE_WITH_A_SHELL}, Limits(background=199)),
            *((Label.LONG_COMMAND, Act.LEAVE), (Label.IDLE, Act.STEER)),
            id="background",
        ),
        pytest.param(
            *("claude", {"signal": None, "screen": ""}, Limits(start=100, start_kill=200)),
            *((Label.NEVER_STARTED, Act.LEAVE), (Label.NEVER_STARTED, Act.RETRY)),
            id="start",
        ),
    ],
)
def test_other_times_reach_beyond_the_looks_that_are_kept(
    program: str,
    facts: dict[str, object],
    limits: Limits,
    early: tuple[Label, Act],
    late: tuple[Label, Act],
) -> None:
    """At one look a second, 200 of them."""
    seen = [look(float(at), **facts) for at in range(202)]
    before, after = verdict(seen[:200], limits, program), verdict(seen, limits, program)
    assert (before.label, before.act) == early
    assert (after.label, after.act) == late


def test_an_agent_that_has_begun_long_ago_is_no_failed_start() -> None:
    begun = [look(0, signal=None, tool_calls=1)]
    blank = [look(float(at), signal=None, screen="") for at in range(1, 200)]
    assert verdict([*begun, *blank], Limits(), "claude").label is not Label.NEVER_STARTED


def test_an_error_that_lasts_ends_at_the_next_program_however_often_it_is_seen() -> None:
    rule = "─" * 80
    screen = (
        f"❯ Do it.\n\n✻ API error · Retrying in 4s · attempt 3/10\n\n{rule}\n❯ \n{rule}\n"
        "  ⏵⏵ bypass permissions on · esc to interrupt\n"
    )
    seen = [look(float(at), signal=None, screen=screen, tool_calls=2) for at in range(302)]
    assert verdict(seen[:300], Limits(), "claude").act is Act.TELL
    assert verdict(seen, Limits(), "claude").act is Act.NEXT_PROGRAM


def test_calls_without_a_change_are_counted_since_the_change() -> None:
    seen = [look(float(at), tool_calls=at, changed_files=int(at > 9)) for at in range(60)]
    assert verdict(seen[:50], Limits()).act is Act.LEAVE
    assert verdict(seen[:51], Limits()).rule == "without_change"


def test_a_young_agent_that_hangs_is_told_until_it_may_be_ended() -> None:
    seen = [look(float(at), tool_calls=1) for at in range(62)]
    limits = Limits(silence=3, silence_kill=9)
    told = [verdict(seen[:count], limits).act for count in (5, 15, 45, 60, 61)]
    assert told == [*[Act.TELL] * 4, Act.RESTART]
