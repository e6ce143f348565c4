"""What the address of a workflow's page says, its rows in chunks, and its timeline."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.datastructures import MultiDict

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.statuses import AgentStatus, TaskKind
from hephaestus_core.outline.views import Line, TimelineAttempt
from hephaestus_web.pages.chunks import CHUNKS, chunked
from hephaestus_web.pages.folds import OutlineAddress, outline_address
from hephaestus_web.pages.timeline import ROW, WIDTH, drawn
from tests.unit.core.test_outline import task

ONE, TWO = UUID(int=1), UUID(int=2)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def address(*folds: str, **given: str) -> OutlineAddress:
    return outline_address(MultiDict([*given.items(), *(("fold", value) for value in folds)]))


def test_the_last_fold_of_a_task_counts() -> None:
    read = address(str(ONE), f"{TWO}.3", f"-{ONE}", "top.2")
    assert read.folds.opened == {TWO: 3, None: 2}
    assert read.folds.shut == {ONE}
    assert read.kept == [f"{TWO}.3", f"-{ONE}", "top.2"]
    assert address(*read.kept).folds == read.folds


@pytest.mark.parametrize("value", ["", "x", f"{ONE}.x", f"{ONE}.-1", f"{ONE}.99999999", "١"])
def test_a_fold_that_cannot_be_read_folds_nothing(value: str) -> None:
    assert address(value).kept == []


def test_an_address_keeps_the_newest_folds() -> None:
    many = [str(UUID(int=number)) for number in range(100)]
    assert address(*many).kept == many[-40:]


def test_a_filter_that_cannot_be_read_asks_for_nothing() -> None:
    assert not address(status="sad", phase="-1", page="x", q=" \0 ").wanted.is_filter
    wanted = address(status="done", phase="2", q=" x ", page="3").wanted
    assert (wanted.sign, wanted.phase_id, wanted.words) == (Sign.DONE, 2, "x")
    assert wanted.page == 3


def test_a_row_that_comes_changes_few_chunks() -> None:
    lines = [Line(replace(task(1), id=uuid4()), 1, None) for _ in range(90)]
    chunks = chunked(lines)
    assert [line for chunk in chunks for line in chunk] == lines
    ordinary = next(n for n in range(40, 90) if lines[n].task.id.int % 8)
    fewer = chunked([*lines[:ordinary], *lines[ordinary + 1 :]])
    assert len(chunks) == len(fewer) == CHUNKS
    assert sum(old != new for old, new in zip(chunks, fewer, strict=True)) == 1


def attempt(begin: float, end: float | None, **other: Any) -> TimelineAttempt:
    return TimelineAttempt(
        agent_id=uuid4(),
        task_id=uuid4(),
        kind=TaskKind.WORK,
        title="x",
        attempt=1,
        program="scripted",
        host="a",
        started_at=BEGIN + timedelta(seconds=begin),
        ended_at=None if end is None else BEGIN + timedelta(seconds=end),
        **{
            "phase_id": 1,
            "failed": False,
            "stopped": False,
            "status": AgentStatus.FINISHED,
            **other,
        },
    )


def test_attempts_at_the_same_time_stand_below_each_other() -> None:
    attempts = [attempt(0, 50), attempt(10, 60, failed=True), attempt(60, None), attempt(0, 0)]
    chart = drawn(attempts, BEGIN + timedelta(seconds=100))
    assert chart is not None
    [lane] = chart.lanes
    places = {bar.attempt.started_at: (bar.x, bar.y) for bar in lane.bars}
    assert places[attempts[1].started_at] == (100, ROW)
    assert places[attempts[2].started_at] == (600, 0)
    assert lane.height == 2 * ROW
    assert max(bar.x + bar.width for bar in lane.bars) == WIDTH
    assert [bar.sign for bar in lane.bars].count(Sign.FAILED) == 1


def test_an_attempt_that_was_stopped_is_not_called_done() -> None:
    attempts = [attempt(0, 5), attempt(0, 5, stopped=True), attempt(0, None, stopped=True)]
    chart = drawn([*attempts, attempt(0, 5, stopped=True, failed=True)], BEGIN)
    assert chart is not None
    signs = sorted(bar.sign for bar in chart.lanes[0].bars)
    assert signs == sorted([Sign.DONE, Sign.STOPPED, Sign.AT_WORK, Sign.FAILED])


def test_without_attempts_there_is_no_timeline() -> None:
    assert drawn([], BEGIN) is None
