"""The labelled cases: no agent that is well is ended or steered, and trouble is found."""

from collections import Counter
from functools import lru_cache

import pytest

from bench.guardian import (
    CASES,
    FINE,
    TROUBLE,
    Judged,
    judge,
    measure,
    read_cases,
    share,
    table,
)
from hephaestus_core.guardian.observation import Label


@lru_cache
def judged() -> tuple[Judged, ...]:
    return tuple(judge(read_cases(CASES)))


def test_no_agent_that_is_well_is_ended() -> None:
    assert [one.case.name for one in judged() if one.killed] == []


def test_no_agent_that_is_well_is_steered() -> None:
    assert [one.case.name for one in judged() if one.nudged] == []


def test_trouble_is_found() -> None:
    trouble = [one for one in judged() if one.case.label in TROUBLE]
    assert share(trouble) >= 0.95, table(judged())


@pytest.mark.parametrize("label", sorted({*FINE, *TROUBLE}))
def test_each_label_is_found(label: Label) -> None:
    assert share([one for one in judged() if one.case.label is label]) >= 0.85, table(judged())


def test_each_label_and_each_program_has_cases() -> None:
    labels = Counter(one.case.label for one in judged())
    programs = Counter(one.case.program for one in judged())
    assert set(labels) == {*FINE, *TROUBLE, Label.DRIFTING}
    assert set(programs) == {"claude", "codex", "opencode", "droid"}
    assert min(programs.values()) >= 20
    assert sum(one.case.held_out for one in judged()) >= 40


def test_the_measure_counts_what_the_cases_show(capsys: pytest.CaptureFixture[str]) -> None:
    rows = measure()
    assert rows["guardian_false_kills"].value == 0
    assert rows["guardian_found"].ok
    assert "is \\ judged" in capsys.readouterr().out
