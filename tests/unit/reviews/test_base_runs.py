"""Failures of a suite beside those of its base."""

import pytest

from hephaestus_worker.reviews.base_runs import SuiteRun, compared


def run(status: int | None, *failed: str) -> SuiteRun:
    return SuiteRun(status, frozenset(failed))


@pytest.mark.parametrize(
    ("now", "base", "is_older", "says"),
    [
        (run(1, "a"), run(0), False, ""),
        (run(1, "a"), run(1, "a", "b"), True, "1 test failed before this work, too: a."),
        (run(1, "a", "b"), run(1, "a"), False, "1 test failed that did not before this work: b."),
        (run(1, "b"), run(1, "a"), False, ""),
        (run(1), run(1, "a"), False, ""),
        (run(1, "a"), run(1), False, ""),
        (run(2), run(2), True, "names no tests"),
        (run(1), run(2), False, ""),
        (run(1, "a"), run(None), False, ""),
        (run(None), run(1), False, ""),
        (run(127), run(127), False, ""),
    ],
)
def test_only_what_failed_before_is_let_pass(
    now: SuiteRun, base: SuiteRun, is_older: bool, says: str
) -> None:
    found = compared(now, base)
    assert found.is_older == is_older
    assert says in found.says
    assert bool(says) == bool(found.says)


def test_the_test_that_the_work_is_to_make_pass_counts_as_new() -> None:
    both = run(1, "tests/test_a.py::test_sum", "tests/test_b.py::test_other")
    assert compared(both, both).is_older
    found = compared(both, both, proof=["tests/test_a.py::test_sum"])
    assert not found.is_older
    assert "Leave these" in found.says
