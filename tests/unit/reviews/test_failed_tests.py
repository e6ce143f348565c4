"""The names of failed tests, as runners print them."""

import pytest

from hephaestus_worker.reviews.failed_tests import failed_tests

PYTEST = """\
E  assert 1 == 2
FAILED tests/test_a.py::test_one[x] - assert 1 == 2
ERROR tests/test_b.py - ImportError: no
2 failed, 1 error in 0.1s
"""
UNITTEST = """\
FAIL: test_one (tests.test_a.Sums.test_one)
Traceback (most recent call last):
ERROR: test_two (tests.B) (i=1)
"""
GO = """\
--- FAIL: TestSum (0.00s)
    --- FAIL: TestSum/none (0.00s)
FAIL
FAIL	m/calc	0.003s
"""


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (PYTEST, {"tests/test_a.py::test_one[x]", "tests/test_b.py"}),
        (UNITTEST, {"test_one (tests.test_a.Sums.test_one)", "test_two (tests.B) (i=1)"}),
        (GO, {"TestSum", "TestSum/none", "m/calc"}),
        ("test sums::adds ... FAILED\ntest sums::none ... ok\n", {"sums::adds"}),
        (" FAIL  src/sum.test.js (5.2 s)\n  ● sum › adds\n", {"src/sum.test.js", "sum › adds"}),
        ("not ok 2 - adds # time=3ms\nnot ok 3 - later # TODO\nok 4 - none\n", {"adds"}),
        ("  ✖ adds all (0.5ms)\n", {"adds all"}),
        ("rspec ./spec/sum_spec.rb:7 # Sum adds all\n", {"Sum adds all"}),
        ("SumTest > addsAll() FAILED\n", {"SumTest > addsAll()"}),
        ("[ERROR]   SumTest.addsAll:12 expected: <3>\n", {"SumTest.addsAll"}),
        ("1) Tests\\SumTest::testAddsAll\n", {"Tests\\SumTest::testAddsAll"}),
        ("make: *** [Makefile:3: test] Error 1\nFAILED\n", set()),
    ],
)
def test_failed_tests_are_named(printed: str, names: set[str]) -> None:
    assert failed_tests(printed) == names
