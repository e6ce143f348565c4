"""How agents of one workflow get along: the pure rules."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.conductor.rules import Member, assess, may_be_same, overlap
from hephaestus_core.contract.touched import TouchedFile
from hephaestus_core.guardian.observation import Label

RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)).map(lambda r: (r[0], sum(r))))


def member(number: int, **given: Any) -> Member:
    usual: dict[str, Any] = {
        "title": f"Task {number}",
        "phase_id": 1,
        "compared": True,
        "keeps_changes": True,
        "related_to": None,
        "similarity": None,
        "verdict": Label.WORKING,
    }
    ids = {"agent_id": UUID(int=number), "task_id": UUID(int=100 + number)}
    return Member(**ids, **(usual | given))


def changing(*ranges: tuple[int, int], path: str = "a.py", blob: str = "b1") -> list[TouchedFile]:
    return [TouchedFile(path, blob, ranges)]


def test_agents_that_get_along() -> None:
    found = assess([member(1, touched=changing((1, 3))), member(2, touched=changing((4, 9)))], [])
    assert (found.coherence, found.findings) == (1.0, ())


def test_two_that_change_the_same_lines() -> None:
    one, other = member(1, touched=changing((1, 3))), member(2, touched=changing((3, 3)))
    found = assess([one, other, member(3), member(4)], [])
    [finding] = found.findings
    assert (finding.kind, finding.pair, finding.stops) == ("contention", (one, other), None)
    assert "a.py" in finding.detail
    assert found.coherence == 0.75


def test_other_versions_and_reviewers_are_not_compared() -> None:
    mine = member(1, touched=changing((1, 3)))
    others = [
        member(2, touched=changing((1, 3), blob="b2")),
        member(3, touched=changing((1, 3), path="b.py")),
        member(4, touched=changing((1, 3)), keeps_changes=False),
    ]
    assert assess([mine, *others], []).findings == ()


def test_of_two_duplicates_the_one_with_less_to_show_is_withdrawn() -> None:
    more, less = member(2, touched=changing((1, 3))), member(1, touched=changing((9, 9)))
    for pair in ((more, less), (less, more)):
        [finding] = assess(pair, [(pair[0].task_id, pair[1].task_id)]).findings
        assert (finding.kind, finding.stops) == ("duplicate", less)
    even = (member(1), member(2))
    [finding] = assess(even, [(even[0].task_id, even[1].task_id)]).findings
    assert finding.stops == even[1], "the younger one"
    assert assess(even, [(even[0].task_id, even[1].task_id)]).coherence == 0.5


def test_texts_are_compared_within_a_phase_unless_it_is_known_that_they_differ() -> None:
    one = member(1)
    assert may_be_same([one, member(2)]) == [(one, member(2))]
    for other in (
        member(2, phase_id=2),
        member(2, compared=False),
        member(2, related_to=one.task_id, similarity=1.0),
    ):
        assert may_be_same([one, other]) == []


def test_what_is_very_much_alike_is_told_and_stops_nobody() -> None:
    one = member(1)
    [finding] = assess([one, member(2, related_to=one.task_id, similarity=0.9)], []).findings
    assert (finding.kind, finding.stops) == ("alike", None)
    assert assess([one, member(2, related_to=one.task_id, similarity=0.7)], []).findings == ()


@given(RANGES, RANGES)
def test_ranges_overlap_if_they_share_a_line(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    lines = [{line for a, b in ranges for line in range(a, b + 1)} for ranges in (some, others)]
    assert overlap(some, others) == bool(lines[0] & lines[1])


@given(
    st.lists(st.tuples(RANGES, st.sampled_from([None, *Label]), st.booleans()), max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=5),
)
def test_coherence_stays_within_its_bounds_and_reviewers_are_never_stopped(
    given_members: list[tuple[Any, Any, bool]], pairs: list[tuple[int, int]]
) -> None:
    members = [
        member(n, touched=changing(*ranges), verdict=verdict, compared=compared)
        for n, (ranges, verdict, compared) in enumerate(given_members)
    ]
    possible = {(one.task_id, other.task_id) for one, other in may_be_same(members)}
    same = [p for p in ((UUID(int=100 + a), UUID(int=100 + b)) for a, b in pairs) if p in possible]
    found = assess(members, same)
    assert 0.0 <= found.coherence <= 1.0
    assert all(f.stops is None or f.stops.compared for f in found.findings)
    assert all(f.pair[0] != f.pair[1] for f in found.findings)
