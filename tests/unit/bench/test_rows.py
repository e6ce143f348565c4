import json
import math
from pathlib import Path

import pytest

from bench import report
from bench.rows import Row, Target, p50, percentile, rounded

SLOW = Row(0.71234567, "s", Target(0.6), 3, {"seconds": [0.7, 0.71234567, 0.8]})
FAST = Row(181.0, "tasks/s", Target(150, at_least=True), 2400)


def test_a_target_bounds_from_above_or_from_below() -> None:
    assert Target(3.0).met_by(3.0)
    assert not Target(3.0).met_by(3.01)
    assert Target(150, at_least=True).met_by(150)
    assert not Target(150, at_least=True).met_by(149.9)


def test_a_value_that_is_no_number_meets_no_target() -> None:
    assert not Row(math.nan, "x", Target(1.0), 0).ok
    assert not Row(math.inf, "x", Target(1.0, at_least=True), 0).ok


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1), (1, 1), (50, 5), (90, 9), (91, 10), (100, 10)]
)
def test_a_percentile_is_one_of_the_values(percent: float, expected: float) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected


def test_p50_of_an_even_number_of_values_lies_between_the_middle_two() -> None:
    assert p50([1, 2, 3, 10]) == 2.5


@pytest.mark.parametrize(("value", "shown"), [(0.712345, 0.7123), (12345.6, 12350), (0.0, 0.0)])
def test_values_are_rounded_to_what_is_known(value: float, shown: float) -> None:
    assert rounded(value) == shown


def test_the_table_names_what_missed() -> None:
    head, slow, fast = report.table({"start": SLOW, "accepted": FAST}).splitlines()

    assert head.split() == ["measure", "value", "target", "samples"]
    assert slow.split() == ["start", "0.7123", "s", "<=", "0.6", "s", "MISSED", "3"]
    assert fast.split() == ["accepted", "181", "tasks/s", ">=", "150", "tasks/s", "ok", "2400"]


def test_the_file_has_a_row_for_each_measure(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"

    report.save({"start": SLOW}, file)

    row = json.loads(file.read_text())["start"]
    assert set(row) == {"value", "unit", "target", "ok", "samples", "raw"}
    assert (row["value"], row["unit"], row["target"], row["ok"]) == (0.7123, "s", "<= 0.6", False)
    assert row["raw"]["seconds"] == [0.7, 0.7123, 0.8]


def test_rows_of_measures_that_did_not_run_stay(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    report.save({"start": SLOW, "accepted": FAST}, file)

    report.save({"start": FAST}, file)

    rows = json.loads(file.read_text())
    assert (rows["start"]["value"], rows["accepted"]["value"]) == (181.0, 181.0)


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    file.write_text('{"start": ')

    report.save({"accepted": FAST}, file)

    assert list(json.loads(file.read_text())) == ["accepted"]
