"""The order of an outline, and what it folds away."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.statuses import TaskKind, TaskStatus
from hephaestus_core.outline.rules import PAGE, Folds, lay_out
from hephaestus_core.outline.views import Line, More, OutlineTask


def task(number: int, parent: int | None = None, *, depth: int = 0, children: int = 0) -> Any:
    return OutlineTask(
        id=UUID(int=number),
        parent_id=None if parent is None else UUID(int=parent),
        depth=depth,
        phase_id=1,
        kind=TaskKind.WORK,
        title=f"Task {number}",
        status=TaskStatus.DONE,
        sign=Sign.DONE,
        attempt=1,
        program=None,
        host=None,
        created_by="ann",
        created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        started_at=None,
        completed_at=None,
        note=None,
        merge_commit=None,
        duplicate_of=None,
        children=children,
        dollars=None,
    )


def shape(tasks: list[Any], folds: Folds | None = None, *, roots: int | None = None) -> list[str]:
    """Return each line as its level, its sign and its number, or what it offers."""
    signs = {None: " ", True: "-", False: "+"}
    lines = lay_out(tasks, folds or Folds(), roots=roots)
    return [
        f"{line.level}{signs[line.expanded]}{line.task.id.int}"
        if isinstance(line, Line)
        else f"{line.level}…{line.hidden} {line.earlier}/{line.later}"
        for line in lines
    ]


def test_children_stand_below_their_creators_in_order() -> None:
    tasks = [
        task(4, 1, depth=1),
        task(3, 2, depth=2),
        task(5),
        task(2, 1, depth=1, children=1),
        task(1, children=2),
    ]
    assert shape(tasks) == ["1-1", "2-2", "3 3", "2 4", "1 5"]


def test_a_task_whose_creator_is_not_shown_stands_at_the_top() -> None:
    assert shape([task(2, 1, depth=7, children=1), task(3, 2, depth=8)]) == ["1-2", "2 3"]


def test_a_task_that_names_itself_is_no_loop() -> None:
    assert shape([task(1, 1, children=1)]) == ["1+1"]


def test_no_chain_is_too_long() -> None:
    tasks = [task(n, n - 1, depth=n, children=int(n < 5000)) for n in range(1, 5001)]
    assert shape(tasks)[-1] == "5000 5000"


def test_what_is_shut_hides_all_below_it() -> None:
    tasks = [task(1, children=1), task(2, 1, depth=1, children=1), task(3, 2, depth=2)]
    assert shape(tasks, Folds(shut={UUID(int=1)})) == ["1+1"]
    assert shape(tasks, Folds(shut={UUID(int=2)})) == ["1-1", "2+2"]


def test_what_is_not_shown_is_offered() -> None:
    some = [task(1, children=100), task(2, 1, depth=1)]
    assert shape(some, roots=40) == ["1-1", "2 2", "2…99 None/1", "1…39 None/1"]
    opened = Folds({UUID(int=1): 2, None: 1})
    assert shape(some, opened, roots=1) == ["1-1", "2 2", "2…99 1/3"]
    last = Folds({UUID(int=1): 100 // PAGE + 1})
    assert shape(some, last)[-1] == f"2…99 {100 // PAGE}/None"
    assert all(isinstance(line, Line | More) for line in lay_out(some, opened, roots=1))
