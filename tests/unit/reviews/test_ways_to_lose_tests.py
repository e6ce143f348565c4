"""Ways to lose a test that look harmless, and honest changes that look like a loss."""

from itertools import permutations

import pytest

from hephaestus_worker.reviews.kept_tests import losses
from tests.unit.reviews.versions import WHOLE, version

CASES = """
@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1, 2], 3),
        ([], 0),
        ([5], 5),
    ],
)
def test_total(numbers, expected):
    assert total(numbers) == expected
"""
NAMED = """
TOTALS = [([1, 2], 3), ([], 0), ([5], 5)]

@pytest.mark.parametrize(("numbers", "expected"), TOTALS)
def test_total(numbers, expected):
    assert total(numbers) == expected
"""
UNITTEST = """
class TestTotal(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(total([1, 2]), 3)
        self.assertIsNone(total(None))

    def test_refuses(self):
        with self.assertRaises(ValueError):
            total("a")
"""
THREE = """
def test_two():
    assert total([1, 2]) == 3

def test_none():
    assert total([]) == 0

def test_one():
    assert total([5]) == 5
"""
HOOK = """
def pytest_runtest_makereport(item, call):
    return made(item, outcome="passed")
"""
LOOP = """
def test_even():
    for number in (1, 2, 3):
        assert total([number]) == number
"""
EACH = 'it.each([\n  [1, 2],\n  [3, 4],\n])("adds %d", (a) => { expect(add(a)).toBe(b); });\n'
TABLE = """
func TestAdd(t *testing.T) {
	tests := []struct{ name string; a, want int }{
		{"one", 1, 2},
		{"two", 2, 3},
	}
	for _, tt := range tests { if got := Add(tt.a); got != tt.want { t.Errorf("%d", got) } }
}
"""
JUNIT = (
    "@ParameterizedTest @ValueSource(ints = {1, 2, 3}) void adds(int a) { assertEquals(a, f(a)); }"
)


@pytest.mark.parametrize(
    ("path", "before", "after", "lost"),
    [
        ("test_a.py", CASES, CASES.replace("        ([5], 5),\n", ""), "3 cases of tests became 2"),
        ("a.test.js", EACH, EACH.replace("  [3, 4],\n", ""), "2 cases of tests became 1"),
        (
            "a_test.go",
            TABLE,
            TABLE.replace('		{"two", 2, 3},\n', ""),
            "2 cases of tests became 1",
        ),
        ("ATest.java", JUNIT, JUNIT.replace(", 3}", "}"), "3 cases of tests became 2"),
        ("test_a.py", UNITTEST, UNITTEST.replace("ValueError", "Exception"), "exact value"),
        ("test_a.py", UNITTEST, UNITTEST.replace("assertEqual", "assertNotEqual"), "exact value"),
        ("test_a.py", UNITTEST, UNITTEST.replace("total([1, 2]), 3", "True, True"), "became 2"),
        (
            "test_a.py",
            UNITTEST,
            UNITTEST.replace("Equal(total([1, 2]), 3", "AlmostEqual(total([1, 2]), 3, delta=3"),
            "exact value",
        ),
        (
            "test_a.py",
            UNITTEST,
            UNITTEST.replace("TestTotal(unittest.TestCase)", "TotalChecks"),
            "2 tests became 0",
        ),
        (
            "test_a.py",
            UNITTEST,
            UNITTEST.replace("assertEqual(total([1, 2]), 3", "assertGreaterEqual(total([1, 2]), 3"),
            "exact value",
        ),
        (
            "test_a.py",
            UNITTEST,
            UNITTEST.replace("assertRaises(ValueError)", "assertRaises(AssertionError)"),
            "left out",
        ),
        (
            "test_a.py",
            UNITTEST,
            UNITTEST.replace("def test_refuses", "def test_adds(self): pass\n    def test_refuses"),
            "left out",
        ),
        (
            "test_a.py",
            THREE,
            THREE.replace("    assert", "    with suppress(Exception):\n        assert"),
            "left out",
        ),
        ("test_a.py", UNITTEST, f"{UNITTEST}del TestTotal.test_adds\n", "left out"),
        ("test_a.py", UNITTEST, f"{UNITTEST}def load_tests(a, b, c): return b\n", "left out"),
        ("test_a.py", UNITTEST, f"import sys\nsys.exit(0)\n{UNITTEST}", "left out"),
        ("test_a.py", LOOP, LOOP.replace("(1, 2, 3)", "(1, 2)"), "3 cases of tests became 2"),
        ("test_a.py", LOOP, LOOP.replace("    assert", "    continue\n        assert"), "left out"),
        ("test_a.py", LOOP, LOOP.replace("assert", "assert not"), "exact value"),
        ("conftest.py", None, HOOK, "left out"),
        ("conftest.py", "", "collect_ignore = ['test_a.py']\n", "left out"),
        ("pytest.ini", None, "[pytest]\naddopts = --deselect tests/test_a.py\n", "left out"),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\n",
            '[tool.pytest.ini_options]\naddopts = "-q -k not-total"\n',
            "left out",
        ),
        (
            "package.json",
            '{"jest": {}}',
            '{"jest": {"testPathIgnorePatterns": ["a.test.js"]}}',
            "left out",
        ),
        ("a.test.js", EACH, EACH.replace("toBe(b)", "toEqual(expect.anything())"), "exact value"),
        ("a.test.js", EACH, EACH.replace("add(a)).toBe(b)", "b).toBe(b)"), "1 assertions became 0"),
        ("a.test.js", EACH, EACH.replace("toBe(b)", "not.toBe(0)"), "exact value"),
        (
            "a.test.js",
            EACH,
            EACH.replace("expect(add(a)).toBe(b);", "try { expect(add(a)).toBe(b); } catch {}"),
            "left out",
        ),
        ("a_test.go", TABLE, f"//go:build never\n{TABLE}", "left out"),
        ("a_test.go", TABLE, TABLE.replace("got != tt", "false && got != tt"), "became 0"),
        ("a_test.go", TABLE, f"{TABLE}func TestMain(m *testing.M) {{ os.Exit(0) }}\n", "left out"),
        ("a_test.go", TABLE, TABLE.replace("T) {", "T) {\n	return", 1), "left out"),
        ("ATest.java", "@Test void a() {}", "@Test(enabled = false) void a() {}", "left out"),
        ("tests/a.rs", "#[test] fn a() {}", "#[cfg(any())] #[test] fn a() {}", "left out"),
    ],
)
def test_other_ways_to_lose_a_test_are_seen(
    path: str, before: str | None, after: str, lost: str
) -> None:
    assert any(lost in each for each in losses([version(path, before, after)]))


def test_a_file_whose_name_no_runner_looks_for_holds_no_tests() -> None:
    for name in ("tests/app_checks.py", "tests/old_app.py"):
        files = [version("tests/test_app.py", WHOLE, None), version(name, None, WHOLE)]
        assert any("2 tests became 0" in each for each in losses(files))


@pytest.mark.parametrize(
    "files",
    [
        # one test became two, and three became the cases of one
        [
            (
                "test_app.py",
                WHOLE,
                WHOLE.replace("    assert total([]", "\ndef test_none():\n    assert total([]"),
            )
        ],
        [("test_app.py", THREE, CASES)],
        [("test_app.py", CASES, THREE)],
        [("test_app.py", CASES, CASES.replace("([], 0)", "([], 0), ([7], 7)"))],
        [("test_app.py", CASES, NAMED)],
        [
            (
                "test_app.py",
                NAMED.replace("TOTALS)", "[*A, *B])"),
                NAMED.replace("TOTALS)", "sorted({*A})"),
            )
        ],
        # what only decides or tidies up is no assertion
        [("test_app.py", f"{WHOLE}def old(a):\n    if a == 1:\n        return a == 2\n", WHOLE)],
        [
            (
                "test_app.py",
                WHOLE,
                f"{WHOLE}def end():\n    with suppress(Exception):\n        go()\n",
            )
        ],
        [
            (
                "test_app.py",
                CASES,
                " ".join(CASES.split("\n")[1:8]) + "\n" + "\n".join(CASES.split("\n")[8:]),
            )
        ],
        # another library of tests
        [
            (
                "test_app.py",
                UNITTEST,
                (
                    "def test_adds():\n    assert total([1, 2]) == 3\n"
                    "    assert total(None) is None\n"
                    "def test_refuses():\n    with pytest.raises(ValueError):\n        total('a')\n"
                ),
            )
        ],
        # stronger, and with the behaviour that it is about
        [("test_app.py", WHOLE, WHOLE.replace('"a" in names()', 'names() == ["a"]'))],
        [
            (
                "test_app.py",
                WHOLE,
                WHOLE.replace(
                    "    assert total([]) == 0",
                    "    with pytest.raises(ValueError):\n        total([])",
                ),
            )
        ],
        [("test_app.py", WHOLE, WHOLE.replace("== 3", "== pytest.approx(3, rel=1e-9)"))],
        [("test_app.py", WHOLE, WHOLE.replace("== 3", "== pytest.approx(3)"))],
        # tests that are new may be left out where they cannot run
        [
            ("test_app.py", WHOLE, WHOLE),
            (
                "test_win.py",
                None,
                "@pytest.mark.skipif(WIN, reason='')\ndef test_a():\n    assert a()\n",
            ),
        ],
        [("win_test.go", None, f"//go:build windows\n{TABLE}")],
        # what two of them check, one function checks now
        [
            (
                "test_app.py",
                THREE,
                (
                    "def check(numbers, expected):\n    assert total(numbers) == expected\n"
                    "def test_two():\n    check([1, 2], 3)\n"
                    "def test_none():\n    check([], 0)\n"
                    "def test_one():\n    check([5], 5)\n"
                ),
            )
        ],
        # a base of tests within the file
        [
            (
                "test_app.py",
                "class TestA:\n    def test_a(self):\n        assert a() == 1\n",
                (
                    "class Shared:\n    def test_a(self):\n        assert a() == 1\n"
                    "class TestA(Shared):\n    pass\n"
                ),
            )
        ],
        [("pyproject.toml", "[project]\n", "[project]\nversion = '2'\n")],
        [("conftest.py", None, "@pytest.fixture\ndef made():\n    return 1\n")],
        [("test_app.py", WHOLE, WHOLE + "def test_same():\n    assert names('a') == names('b')\n")],
    ],
)
def test_honest_changes_of_tests_lose_nothing(files: list[tuple[str, str | None, str]]) -> None:
    assert losses([version(*each) for each in files]) == []


def test_one_new_assertion_makes_up_for_one_that_is_gone() -> None:
    line = "def test_{}():\n    assert total([]) == 0\n"
    gone = [version(f"test_{name}.py", line.format(name), None) for name in "ab"]
    one = version("test_c.py", None, line.format("c"))

    for files in permutations([*gone, one]):
        assert sum("is gone" in each for each in losses(files)) == 1
