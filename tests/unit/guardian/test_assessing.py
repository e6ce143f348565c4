"""The verdict: the first rule decides, and acts that end a program need two looks."""

import pytest

from hephaestus_core.guardian.assessing import assess
from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import Act, Alive, Label, Look


def test_a_history_without_looks_has_no_verdict() -> None:
    with pytest.raises(ValueError, match="at least one look"):
        assess([])


def test_a_program_that_is_gone_is_restarted_once_two_looks_agree() -> None:
    looks = [
        Look(0, process=Alive.YES),
        Look(60, process=Alive.NO),
        Look(120, process=Alive.NO),
    ]
    first, second = assess(looks[:2]), assess(looks)
    assert (first.label, first.act) == (Label.DEAD, Act.LEAVE)
    assert (second.label, second.act, second.since) == (Label.DEAD, Act.RESTART, 60)


def test_a_young_program_is_not_ended() -> None:
    looks = [Look(0, process=Alive.NO), Look(5, process=Alive.NO)]
    assert assess(looks).act is Act.LEAVE
    assert assess(looks, Limits(minimum_age=5)).act is Act.RESTART


def test_a_program_that_cannot_be_seen_is_left_alone() -> None:
    looks = [Look(at * 60.0, process=Alive.UNKNOWN) for at in range(2)]
    assert assess(looks).act is Act.LEAVE


def test_a_reported_task_is_no_death() -> None:
    looks = [Look(at * 60.0, process=Alive.NO, reported=True) for at in range(3)]
    assert assess(looks).act is Act.LEAVE


LIMITED_SCREEN = """\
  ┃  Make the importer accept a mark.

     → Read importer.py

  ┃
  ┃  Build  Scripted
  ╹▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀
   ■⬝⬝⬝ You exceeded your current quota. [retrying in 2h attempt #1]  esc interrupt
"""


@pytest.mark.parametrize(
    ("until", "at", "act"),
    [
        (7200.0, [0, 2], Act.LEAVE),
        (7200.0, [0, 5], Act.PARK),
        (None, [0, 5], Act.LEAVE),
        (None, [0, 60], Act.PARK),
    ],
)
def test_a_limit_whose_end_is_known_parks_a_young_program_too(
    until: float | None, at: list[float], act: Act
) -> None:
    seen = [Look(each, LIMITED_SCREEN, Alive.YES, limited_until=until) for each in at]
    verdict = assess(seen, program="opencode")
    assert (verdict.label, verdict.act, verdict.until) == (Label.LIMITED, act, until)


IDLE_SCREEN = """\
❯ Make the importer accept a mark.

● It is done.

────────────────────────────────────────────
❯
────────────────────────────────────────────
  ~/shop (main)
"""


@pytest.mark.parametrize(("calls", "act"), [([4, 4], Act.STEER), ([4, 9], Act.LEAVE)])
def test_an_agent_that_has_acted_between_two_idle_looks_is_not_told(
    calls: list[int], act: Act
) -> None:
    seen = [Look(60.0 * n, IDLE_SCREEN, Alive.YES, tool_calls=c) for n, c in enumerate(calls)]
    verdict = assess(seen, program="claude")
    assert (verdict.label, verdict.act) == (Label.IDLE, act)
