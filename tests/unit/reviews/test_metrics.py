"""Numbers in the output of measurements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_worker.reviews.grounds import check_environment
from hephaestus_worker.reviews.metrics import holds, read


@pytest.mark.parametrize(
    ("output", "metric", "number"),
    [
        ("took 12.5 ms", "took", 12.5),
        ("took 1 ms\ntook 2 ms", "took", 2),
        ("p95: 1,234.5 of 2,000,000", "p95", 1234.5),
        ("1, 2, 3", "", 3),
        ("score=-1.5e-3!", "score", -0.0015),
        ("coverage .5", "coverage", 0.5),
        ("took long", "took", None),
        ("nothing", "took", None),
        ("took" + " " * 500 + "3", "took", None),
        ("took 1e999", "took", None),
        ("", "", None),
    ],
)
def test_the_number_after_the_last_mention_counts(
    output: str, metric: str, number: float | None
) -> None:
    assert read(output, metric) == number


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.text("ab: \n"))
def test_any_number_is_read_as_it_was_printed(number: float, before: str) -> None:
    assert read(f"{before}took {number}\n", "took") == pytest.approx(float(number))
    assert read(f"1 {before}{number:,} ", "") == pytest.approx(float(number))


def test_thresholds_hold_from_both_sides() -> None:
    assert holds(1, "<=", 1)
    assert holds(1, ">=", 1)
    assert not holds(2, "<=", 1)
    assert not holds(0, ">=", 1)


def test_no_key_is_in_the_environment_of_a_check() -> None:
    source = {
        "PATH": "/bin",
        "OPENAI_API_KEY": "k",
        "GH_TOKEN": "t",
        "PGPASSWORD": "p",
        "MODE": "m",
    }

    found = check_environment(source, source)

    assert found.items() >= {"PATH": "/bin", "MODE": "m", "CI": "true"}.items()
    assert not {"k", "t", "p"} & set(found.values())
