from types import SimpleNamespace
from typing import Any

from hephaestus_web.pages.blueprint import creator, duration
from hephaestus_web.pages.tree import Branch, grown


def task(identity: int, parent: int | None = None) -> Any:
    return SimpleNamespace(task_id=identity, parent_task_id=parent)


def shape(branches: list[Branch]) -> list[Any]:
    return [(branch.task.task_id, shape(branch.children)) for branch in branches]


def test_children_stand_below_their_parents_in_order() -> None:
    tasks = [task(1), task(2, 1), task(3, 2), task(4, 1), task(5)]
    assert shape(grown(tasks)) == [(1, [(2, [(3, [])]), (4, [])]), (5, [])]


def test_a_task_whose_parent_is_not_shown_is_a_root() -> None:
    assert shape(grown([task(2, 1), task(3, 2)])) == [(2, [(3, [])])]


def test_a_task_that_names_itself_is_a_root_and_not_a_loop() -> None:
    assert shape(grown([task(1, 1)])) == [(1, [])]


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
