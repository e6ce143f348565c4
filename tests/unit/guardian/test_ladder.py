"""The ladder of acts: gentle ones first, one at a time, and an end at a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.statuses import InterventionAction as Do
from hephaestus_core.contract.statuses import InterventionEffect as Effect
from hephaestus_core.guardian.ladder import (
    ENDING,
    Attempt,
    Bounds,
    Past,
    found_effect,
    next_action,
)
from hephaestus_core.guardian.observation import KILLS, Act, Label, Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOUNDS = Bounds()
OLD = Attempt(number=1, age=3600)
LOOPS = Verdict(Label.LOOPING, "loops", Act.STEER, looks=5)
VERDICTS = st.builds(
    Verdict,
    label=st.sampled_from(Label),
    rule=st.just("a rule"),
    act=st.sampled_from(Act),
    looks=st.integers(1, 9),
)


def climbed(
    verdict: Verdict, attempt: Attempt = OLD, *, most: int = 50, effect: Effect = Effect.NONE
) -> list[Do]:
    """Return all acts on a task until a person decides, if each has the same effect."""
    past: list[Past] = []
    for number in range(most):
        action = next_action(verdict, past, attempt, BOUNDS)
        if action is None:
            break
        at = NOW + timedelta(minutes=number)
        past.append(Past(attempt.number, verdict.label, action, at, effect))
        if action in ENDING - {Do.INTERRUPT}:
            attempt = replace(attempt, number=attempt.number + 1)
        if action == Do.PARK:
            break
    return [one.action for one in past]


def test_an_agent_that_loops_for_ever_ends_with_a_person() -> None:
    assert climbed(LOOPS) == [
        *(Do.STEER, Do.STEER_OTHERWISE, Do.INTERRUPT, Do.RESTART),
        *(Do.STEER, Do.STEER_OTHERWISE, Do.INTERRUPT, Do.RENEW),
        *(Do.STEER, Do.STEER_OTHERWISE, Do.INTERRUPT, Do.RETRY),
        Do.PARK,
    ]


def test_another_program_of_the_chain_is_tried_as_well() -> None:
    assert Do.NEXT_PROGRAM in climbed(LOOPS, replace(OLD, programs_left=1), most=12)


def test_small_steps_of_headway_do_not_keep_a_person_away_for_ever() -> None:
    tried = climbed(LOOPS, effect=Effect.HEADWAY)
    assert tried == [Do.STEER] * BOUNDS.interventions + [Do.PARK]


def test_after_a_person_has_decided_the_ladder_begins_anew() -> None:
    parked = [Past(3, Label.LOOPING, Do.PARK, NOW, Effect.ENDED)]
    assert next_action(LOOPS, parked, replace(OLD, number=4), BOUNDS) == Do.STEER


def test_a_hung_agent_is_only_spoken_to_until_the_rules_would_end_it() -> None:
    hung = Verdict(Label.HUNG, "hung", Act.TELL, looks=9)
    assert climbed(hung) == [Do.STEER, Do.STEER_OTHERWISE]
    assert climbed(replace(hung, act=Act.RESTART))[:4] == [
        *(Do.STEER, Do.STEER_OTHERWISE, Do.INTERRUPT, Do.RESTART)
    ]


@pytest.mark.parametrize(
    ("label", "act", "expected"),
    [
        (Label.CONTEXT_FULL, Act.RENEW, Do.RENEW),
        (Label.LIMITED, Act.PARK, Do.WAIT),
        (Label.FAILING, Act.NEXT_PROGRAM, Do.NEXT_PROGRAM),
        (Label.NEVER_STARTED, Act.RETRY, Do.RETRY),
        (Label.FAILING, Act.TELL, None),
        (Label.WORKING, Act.PARK, None),
        (Label.WORKING, Act.TELL, None),
        (Label.UNKNOWN, Act.TELL, None),
        (Label.ASKING, Act.ASK, None),
        (Label.IDLE, Act.STEER, None),
        (Label.DEAD, Act.RESTART, None),
        (Label.LOOPING, Act.LEAVE, None),
    ],
)
def test_what_no_message_ends_gets_none(label: Label, act: Act, expected: Do | None) -> None:
    assert next_action(Verdict(label, "a rule", act, looks=2), [], OLD, BOUNDS) == expected


@given(VERDICTS, st.sampled_from(Label), st.sampled_from(Do), st.booleans())
def test_no_act_follows_one_whose_effect_is_not_known(
    verdict: Verdict, cause: Label, action: Do, is_first: bool
) -> None:
    waiting = Past(1, cause, action, NOW)
    past = [waiting] if is_first else [Past(1, cause, Do.STEER, NOW, Effect.NONE), waiting]
    acted = next_action(verdict, past, OLD, BOUNDS)
    assert acted is None or cause == Label.DRIFTING


@given(VERDICTS, st.floats(0, 59), st.integers(0, 3))
def test_nothing_young_or_seen_once_is_ended_unless_the_rules_are_certain(
    verdict: Verdict, age: float, steps: int
) -> None:
    done = [Do.STEER, Do.STEER_OTHERWISE, Do.INTERRUPT][:steps]
    past = [Past(1, verdict.label, each, NOW, Effect.NONE) for each in done]
    for attempt, seen in (
        (Attempt(1, age), verdict),
        (OLD, replace(verdict, looks=1)),
    ):
        action = next_action(seen, past, attempt, BOUNDS)
        assert action not in ENDING or seen.act in KILLS


@given(VERDICTS, st.integers(0, 3))
def test_every_ladder_ends(verdict: Verdict, programs_left: int) -> None:
    """At a person, or at nothing more to do; waits for a provider are no acts on the agent."""
    attempt = replace(OLD, programs_left=programs_left)
    acts = climbed(verdict, attempt, most=60)
    assert len(acts) < 60 or set(acts) <= {Do.WAIT, Do.NEXT_PROGRAM}
    assert sum(each in {Do.RESTART, Do.RENEW, Do.RETRY} for each in acts) <= BOUNDS.restarts


def test_an_effect_needs_time_and_another_look() -> None:
    steered = Past(1, Label.LOOPING, Do.STEER, NOW)
    works = Verdict(Label.WORKING, "working", Act.LEAVE)
    early, late = NOW + timedelta(seconds=29), NOW + timedelta(seconds=31)

    assert found_effect(steered, works, OLD, BOUNDS, early) is None
    assert found_effect(steered, works, OLD, BOUNDS, late) == Effect.HEADWAY
    assert found_effect(steered, LOOPS, OLD, BOUNDS, late) == Effect.NONE
    assert found_effect(steered, None, OLD, BOUNDS, late) is None
    assert found_effect(steered, works, replace(OLD, number=2), BOUNDS, early) == Effect.ENDED


def test_what_an_agent_did_before_the_message_is_not_held_against_it() -> None:
    delivered = NOW + timedelta(seconds=40)
    steered = Past(1, Label.LOOPING, Do.STEER, NOW, delivered_at=delivered)
    thinks = replace(OLD, acted_at=NOW + timedelta(seconds=10))
    goes_on = replace(OLD, acted_at=delivered + timedelta(seconds=1))
    late = NOW + timedelta(seconds=60)

    assert found_effect(steered, LOOPS, thinks, BOUNDS, late) is None
    assert found_effect(steered, LOOPS, goes_on, BOUNDS, late) == Effect.NONE
    much_later = NOW + timedelta(seconds=301)
    assert found_effect(steered, LOOPS, thinks, BOUNDS, much_later) == Effect.NONE
