"""Comparisons that became weaker, tests that no longer test, and the honest twin of each."""

import time

import pytest

from hephaestus_worker.reviews.census import census_of
from hephaestus_worker.reviews.kept_tests import losses
from tests.unit.reviews.versions import version

PYTHON = """
from till import split

def test_shares():
    assert split(9, 3) == [3, 3, 3]
    assert split(0, 2) == [0, 0]

def test_size():
    parts = split(100, 7)
    assert len(parts) == 7
    assert parts == [15, 15, 14, 14, 14, 14, 14]
"""
UNITTEST = "class TestA:\n    def test_a(self):\n        self.assertEqual(split(9, 3), [3, 3, 3])\n"
JAVASCRIPT = """
import { split } from "../src/split";
it("shares", () => { expect(split(9, 3)).toEqual([3, 3, 3]); });
"""
GO = """
func TestSplit(t *testing.T) {
	got := Split(9, 3)
	if !reflect.DeepEqual(got, []int{3, 3, 3}) {
		t.Errorf("%v", got)
	}
}
"""
RUST = """
#[test]
fn shares() {
    assert_eq!(split(9, 3), vec![3, 3, 3]);
}
"""
JUNIT = "@Test void a() { assertEquals(107.7, add(100.0), 0.001); }\n"
SPIED = "jest.spyOn(till, 'split').mockReturnValue([3, 3, 3]);"
SETTINGS = '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'


@pytest.mark.parametrize(
    ("path", "before", "old", "new", "said"),
    [
        ("test_a.py", PYTHON, "assert split(9, 3) ==", "assert len(split(9, 3)) ==", "exact"),
        ("test_a.py", PYTHON, "split(9, 3) == [3, 3, 3]", "set(split(9, 3)) == {3}", "exact"),
        ("test_a.py", PYTHON, "split(0, 2) == [0, 0]", "round(sum(split(0, 2)), -1) == 0", "exact"),
        ("test_a.py", PYTHON, "split(0, 2) == [0, 0]", "sum(split(0, 2)) // 9 == 0", "exact"),
        ("test_a.py", PYTHON, "split(9, 3) == [3, 3, 3]", "3 == len(split(9, 3))", "exact"),
        ("test_a.py", UNITTEST, "split(9, 3), [3, 3, 3]", "set(split(9, 3)), {3}", "exact"),
        ("a.test.ts", JAVASCRIPT, "toEqual([3, 3, 3])", "toHaveLength(3)", "exact"),
        ("a.test.ts", JAVASCRIPT, "toEqual([3, 3, 3])", "toMatchObject([3])", "exact"),
        ("a_test.go", GO, "!reflect.DeepEqual(got, []int{3, 3, 3})", "len(got) != 3", "exact"),
        ("a.rs", RUST, "split(9, 3), vec![3, 3, 3]", "split(9, 3).len(), 3", "exact"),
        ("ATest.java", JUNIT, "0.001", "10.0", "exact"),
        (
            "test_a.py",
            PYTHON,
            "from till import split",
            "split = Mock(return_value=[3, 3, 3])",
            "the test test_shares in test_a.py now replaces split",
        ),
        (
            "test_a.py",
            PYTHON,
            "def test_shares",
            '@patch("till.split")\ndef test_shares',
            "replaces split",
        ),
        (
            "test_a.py",
            PYTHON,
            "():\n    assert split(9",
            '(monkeypatch):\n    monkeypatch.setattr(till, "split", same)\n    assert split(9',
            "replaces split",
        ),
        (
            "a.test.ts",
            JAVASCRIPT,
            'it("shares"',
            'vi.mock("../src/split", () => ({ split: () => [3, 3, 3] }));\nit("shares"',
            "the test shares in a.test.ts now replaces split",
        ),
        ("a.test.ts", JAVASCRIPT, "{ expect", f"{{ {SPIED} expect", "replaces split"),
        (
            "a_test.go",
            GO,
            "	got :=",
            "	Split = func(a, b int) []int { return w }\n	got :=",
            "replaces",
        ),
        ("a.rs", RUST, "#[test]", "#[test]\n#[should_panic]", "passes when an assertion fails"),
        (
            "test_a.py",
            PYTHON,
            "    assert split(9, 3)",
            '    if os.environ.get("FULL"):\n        assert split(9, 3)',
            "asks the environment",
        ),
        (
            "a_test.go",
            GO,
            "	got :=",
            '	if os.Getenv("CI") != "" { return }\n	got :=',
            "asks the",
        ),
        ("pyproject.toml", SETTINGS, '"tests"', '"tests/unit"', "no longer has the tests in tests"),
    ],
)
def test_a_weaker_test_is_seen(path: str, before: str, old: str, new: str, said: str) -> None:
    assert old in before

    found = losses([version(path, before, before.replace(old, new, 1))])

    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        # several assertions in one that is as strong
        (
            "test_a.py",
            PYTHON,
            "    assert split(9, 3) == [3, 3, 3]\n    assert split(0, 2) == [0, 0]",
            "    assert [split(9, 3), split(0, 2)] == [[3, 3, 3], [0, 0]]",
        ),
        ("test_a.py", PYTHON, "    assert len(parts) == 7\n", ""),
        (
            "test_a.py",
            PYTHON,
            "    assert split(9, 3) == [3, 3, 3]\n    assert split(0, 2) == [0, 0]",
            (
                "    for a, b, parts in ((9, 3, [3, 3, 3]), (0, 2, [0, 0])):\n"
                "        assert split(a, b) == parts"
            ),
        ),
        # another name of the same, and a value that is rounded as money is
        ("test_a.py", "def test_a():\n    assert cart.size == 3\n", "cart.size", "len(cart)"),
        ("test_a.py", "def test_a():\n    assert vat(3) == 1\n", "vat(3)", "round(vat(3), 2)"),
        ("test_a.py", PYTHON, "split(9, 3) == [3, 3, 3]", "split(9, 3) == [3] * len(names)"),
        (
            "a.test.ts",
            "it('a', () => { expect(vat(3)).toBe(0.3); });",
            "toBe(0.3)",
            "toBeCloseTo(0.3)",
        ),
        (
            "a_test.go",
            GO,
            "!reflect.DeepEqual(got, []int{3, 3, 3})",
            "len(got) != 3 || got[0] != 3 || got[2] != 3",
        ),
        ("ATest.java", JUNIT, "0.001", "0.01"),
        # a new test replaces what another one tests
        (
            "test_a.py",
            PYTHON,
            "def test_size",
            (
                'def test_bill(monkeypatch):\n    monkeypatch.setattr(till, "split", same)\n'
                "    assert bill(9) == [9]\n\ndef test_size"
            ),
        ),
        (
            "test_a.py",
            PYTHON,
            "():\n    assert split(9",
            '(monkeypatch):\n    monkeypatch.setattr("till.today", day)\n    assert split(9',
        ),
        (
            "a.test.ts",
            JAVASCRIPT,
            'it("shares"',
            'vi.mock("../src/mail");\nit("shares"',
        ),
        (
            "a.rs",
            RUST,
            "assert_eq!(split(9, 3), vec![3, 3, 3]);\n}",
            (
                "assert_eq!(split(9, 3), vec![3, 3, 3]);\n}\n"
                "#[test]\n#[should_panic]\nfn none() {\n    split(9, 0);\n}"
            ),
        ),
        (
            "a.rs",
            RUST,
            "#[test]\nfn shares() {\n    assert_eq!(split(9, 3), vec![3, 3, 3]);",
            '#[test]\n#[should_panic(expected = "none")]\nfn shares() {\n    split(9, 0);',
        ),
        (
            "test_a.py",
            PYTHON,
            "():\n    assert split(9",
            '(monkeypatch):\n    monkeypatch.setenv("LANG", "C")\n    assert split(9',
        ),
        ("pyproject.toml", SETTINGS, '["tests"]', '["tests", "docs"]'),
    ],
)
def test_its_honest_twin_is_not_blocked(path: str, before: str, old: str, new: str) -> None:
    assert old in before

    assert losses([version(path, before, before.replace(old, new, 1))]) == []


def test_a_folder_of_tests_may_be_renamed_in_the_settings_too() -> None:
    renamed = version("pyproject.toml", SETTINGS, SETTINGS.replace('"tests"', '"checks"'))
    moved = [version("tests/test_a.py", PYTHON, None), version("checks/test_a.py", None, PYTHON)]

    assert losses([renamed, *moved]) == []
    assert losses([renamed])


@pytest.mark.parametrize(
    ("path", "piece"),
    [
        ("test_a.py", "assert len("),
        ("test_a.py", "patch(a, "),
        ("a.test.ts", "import {a"),
        ("ATest.java", "assertEquals(a, "),
    ],
)
def test_a_line_without_end_costs_linear_time(path: str, piece: str) -> None:
    def cost(times: int) -> float:
        start = time.process_time()
        census_of(path, piece * times)
        return time.process_time() - start

    few = min(cost(2000) for _ in range(3))

    # A quadratic reader would take 256 times as long.
    assert cost(32_000) < 100 * max(few, 0.002)
