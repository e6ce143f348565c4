"""The pure rule about orphans: what may be done to a thing, whatever happens to it."""

from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.statuses import OrphanKind, OrphanStatus
from hephaestus_core.hosts.orphan_rules import (
    GRACE,
    MOST_BETWEEN_LOOKS,
    Place,
    grace_of,
    next_step,
    retention_of,
    since_last_look,
)

RETENTION = retention_of(30)

places: st.SearchStrategy[Place] = st.sampled_from(["here", "aside", "gone", "unknown"])
#: One look: where the thing is, whether a row claims it, and the seconds since the look before.
looks = st.lists(st.tuples(places, st.booleans(), st.floats(-1e7, 1e7)), max_size=60)


def step_of(
    status: OrphanStatus | None, place: Place, *, claimed: bool = False, waited: float = 0.0
) -> str:
    return next_step(
        status, place, claimed=claimed, waited=waited, grace=GRACE, retention=RETENTION
    )


@given(looks)
def test_over_any_history_nothing_is_touched_that_was_claimed_unknown_or_young(
    history: list[tuple[Place, bool, float]],
) -> None:
    status: OrphanStatus | None = None
    waited = 0.0
    unclaimed = 0.0  # seconds on a steady clock for which it was seen here and nobody claimed it
    for place, claimed, passed in history:
        seconds = since_last_look(max(0.0, passed), 0.0)
        step = step_of(status, place, claimed=claimed, waited=waited + seconds)
        if place == "unknown":
            assert step == "leave"
            continue
        if step == "quarantine":
            assert not claimed
            assert place == "aside" or unclaimed + seconds >= GRACE
            status, waited = OrphanStatus.QUARANTINED, 0.0
        elif step == "remove":
            assert status == OrphanStatus.QUARANTINED, "nothing is removed that was not aside"
            assert place == "gone" or (not claimed and waited + seconds >= RETENTION)
            status, waited, unclaimed = None, 0.0, 0.0
        elif step == "sight":
            assert status is None
            assert not claimed
            status, waited, unclaimed = OrphanStatus.FOUND, 0.0, 0.0
        elif step == "forget":
            assert status == OrphanStatus.FOUND
            assert claimed or place == "gone"
            status, waited, unclaimed = None, 0.0, 0.0
        elif status is not None:
            waited += seconds
            unclaimed = unclaimed + seconds if place == "here" and not claimed else 0.0


@given(places, st.booleans(), st.floats(0, 1e12), st.sampled_from([None, *OrphanStatus]))
def test_a_claimed_thing_is_never_moved_and_never_deleted(
    place: Place, anything: bool, waited: float, status: OrphanStatus | None
) -> None:
    step = step_of(status, place, claimed=True, waited=waited)
    assert step in ({"leave", "forget"} if place != "gone" else {"leave", "forget", "remove"})
    again = step_of(status, place, claimed=True, waited=waited + anything)
    assert again == step, "no time changes that"


def test_each_thing_is_found_then_moved_then_deleted() -> None:
    assert step_of(None, "here") == "sight"
    assert step_of(OrphanStatus.FOUND, "here", waited=GRACE - 1) == "leave"
    assert step_of(OrphanStatus.FOUND, "here", waited=GRACE) == "quarantine"
    assert step_of(OrphanStatus.QUARANTINED, "aside", waited=RETENTION - 1) == "leave"
    assert step_of(OrphanStatus.QUARANTINED, "aside", waited=RETENTION) == "remove"
    assert step_of(OrphanStatus.FOUND, "gone") == "forget"
    assert step_of(OrphanStatus.QUARANTINED, "gone") == "remove"


def test_a_step_that_was_broken_off_is_done_again() -> None:
    assert step_of(OrphanStatus.FOUND, "aside") == "quarantine"
    assert step_of(None, "aside") == "sight"


@given(st.floats(-1e15, 1e15), st.floats(-1e15, 1e15))
def test_no_jump_of_a_clock_makes_anything_old(now: float, before: float) -> None:
    assert 0.0 <= since_last_look(now, before) <= MOST_BETWEEN_LOOKS
    assert since_last_look(now, None) == 0.0


def test_a_mirror_that_is_not_used_waits_as_long_as_it_is_kept() -> None:
    assert grace_of(OrphanKind.MIRROR, RETENTION) == RETENTION
    assert {grace_of(k, RETENTION) for k in OrphanKind if k != OrphanKind.MIRROR} == {GRACE}
