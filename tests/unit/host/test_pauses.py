from itertools import pairwise

from hephaestus_worker.host.pauses import Pauses


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def pause_of(pauses: Pauses, clock: Clock, name: str = "one") -> int:
    """Return after how many seconds the thing may be tried again."""
    begin = clock.now
    while not pauses.over(name):
        clock.now += 1
    return round(clock.now - begin)


def test_pauses_grow_to_minutes_and_not_beyond() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    seen = []
    for _ in range(50):
        pauses.lengthen("one")
        seen.append(pause_of(pauses, clock))
    assert 2 <= seen[0] <= 3
    assert all(later > earlier for earlier, later in pairwise(seen[:6]))
    assert all(120 <= pause <= 180 for pause in seen[10:])


def test_what_went_well_is_tried_at_once_the_next_time() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    for _ in range(5):
        pauses.lengthen("one")
    pauses.forget("one")
    assert pauses.over("one")
    pauses.lengthen("one")
    assert pause_of(pauses, clock) <= 3


def test_one_does_not_wait_for_the_other() -> None:
    pauses = Pauses(Clock())
    pauses.lengthen("one")
    assert not pauses.over("one")
    assert pauses.over("other")


def test_a_name_that_was_not_tried_for_an_hour_is_forgotten() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    for _ in range(5):
        pauses.lengthen("old")
        pauses.lengthen("recent")
    clock.now += 3000
    pauses.lengthen("recent")
    clock.now += 1000
    pauses.lengthen("other")
    pauses.lengthen("recent")
    pauses.lengthen("old")
    assert pause_of(pauses, clock, "old") <= 3
    assert pause_of(pauses, clock, "recent") >= 60
