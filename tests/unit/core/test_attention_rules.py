"""The order of what waits, what is put aside, and the numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hephaestus_core.attention.rules import counts, in_order, of_kinds, parted, views
from hephaestus_core.attention.views import EVIDENCE_LIMIT, Found, view
from hephaestus_core.contract.attention import Act, AttentionKind, Severity, command_for
from hephaestus_core.contract.conditions import Condition

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def found(
    name: str,
    *,
    minutes: int = 0,
    severity: Severity = Severity.BLOCKER,
    condition: Condition = Condition.WAITS_FOR_YOU,
    dismissable: bool = False,
    evidence: str = "because",
) -> Found:
    return Found(
        kind=AttentionKind.QUESTION,
        condition=condition,
        severity=severity,
        subject=name,
        since=NOW - timedelta(minutes=minutes),
        title=name,
        evidence=evidence,
        dismissable=dismissable,
    )


def test_the_oldest_blocker_comes_first_and_notices_come_last() -> None:
    given = [
        found("notice", minutes=99, severity=Severity.NOTICE),
        found("young", minutes=1),
        found("warning", minutes=50, severity=Severity.WARNING),
        found("old", minutes=9),
    ]
    assert [each.subject for each in in_order(given)] == ["old", "young", "warning", "notice"]


def test_a_snooze_ends_by_itself_and_a_dismissal_does_not() -> None:
    given = [found("over", minutes=3), found("snoozed", minutes=2), found("gone", minutes=1)]
    marks = {
        given[0].id: ("ann", NOW),
        given[1].id: ("ann", NOW + timedelta(seconds=1)),
        given[2].id: ("bob", None),
    }
    shown, aside = parted([*given, found("free")], marks, NOW)
    told = [(one.title, one.set_aside_by) for one in views(shown, marks, aside=False)]
    assert told == [("over", None), ("free", None)]
    told = [(one.title, one.set_aside_by) for one in views(aside, marks, aside=True)]
    assert told == [("snoozed", "ann"), ("gone", "bob")]


def test_an_identity_lasts_as_long_as_the_occurrence() -> None:
    first = found("a")
    assert first.id == found("a", minutes=5).id
    assert first.id != found("b").id
    again = replace(first, occurrence="2")
    assert first.id != again.id


def test_texts_of_others_are_bounded_lines_and_acts_have_their_command() -> None:
    shown = view(found("x", evidence="a\nb\x0b" + "c" * 5000, dismissable=True))
    assert len(shown.evidence) == EVIDENCE_LIMIT
    assert shown.evidence.startswith("a b c")
    assert shown.evidence.endswith("…")
    assert {act.name: act.command for act in shown.acts} == {
        Act.SNOOZE: f"hephaestus inbox snooze {shown.id} --minutes 30",
        Act.DISMISS: f"hephaestus inbox dismiss {shown.id}",
    }
    assert [act.name for act in view(found("x")).acts] == [Act.SNOOZE]


def test_every_act_has_a_command() -> None:
    assert all("x" in command_for(act, "x") for act in Act)


def test_the_numbers_are_of_what_is_shown() -> None:
    still = found("s", condition=Condition.STANDS_STILL)
    shown = [found("a"), found("b"), still]
    told = counts(shown, at_work=4, queued=5, set_aside=6, more=False)
    assert (told.waits_for_you, told.stands_still, told.at_work, told.queued) == (2, 1, 4, 5)
    assert of_kinds(shown) == {"question": 3}
