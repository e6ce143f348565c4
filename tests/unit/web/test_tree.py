from types import SimpleNamespace
from typing import Any

from hephaestus_web.pages.blueprint import creator, duration
from hephaestus_web.pages.tree import lines_of


def task(identity: int, parent: int | None = None) -> Any:
    return SimpleNamespace(task_id=identity, parent_task_id=parent)


def shape(*tasks: Any) -> list[tuple[int, int]]:
    return [(line.task.task_id, line.depth) for line in lines_of(tasks)]  # type: ignore[misc]


def test_children_stand_below_their_parents_in_order() -> None:
    tasks = [task(1), task(2, 1), task(5), task(4, 1), task(3, 2)]
    assert shape(*tasks) == [(1, 0), (2, 1), (3, 2), (4, 1), (5, 0)]


def test_a_task_whose_parent_is_not_shown_is_a_root() -> None:
    assert shape(task(2, 1), task(3, 2)) == [(2, 0), (3, 1)]


def test_a_task_that_names_itself_is_a_root_and_not_a_loop() -> None:
    assert shape(task(1, 1)) == [(1, 0)]


def test_no_chain_of_tasks_is_too_long() -> None:
    tasks = [task(number, number - 1) for number in range(5000)]
    assert shape(*tasks) == [(number, number) for number in range(5000)]


def test_durations_and_creators_are_short() -> None:
    assert [duration(s) for s in (None, 0.4, 59.9, 60, 3661)] == [
        "",
        "0 s",
        "59 s",
        "1 min 0 s",
        "1 h 1 min",
    ]
    agent = "agent 12345678-9abc-def0-1234-56789abcdef0"
    assert [creator(c) for c in ("admin", agent, "agent ")] == ["admin", "agent 12345678", "agent "]
