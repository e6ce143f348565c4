"""The tests that a change keeps: what is counted in each language, and what counts as lost."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_worker.reviews.census import census_of, count
from hephaestus_worker.reviews.code import Language, without_words
from hephaestus_worker.reviews.kept_tests import Version, losses

PYTHON = '''
import pytest

# def test_commented(): assert 1 == 2
TEXT = """
def test_in_a_string():
    assert 1 == 2
"""

def test_adds():
    assert add(1, 2) == 3, "assert x"
    assert result
    with pytest.raises(ValueError):
        add(None)

class TestMore:
    async def test_more(self):
        self.assertEqual(1, one())

@pytest.mark.skip("why == not")
def test_skipped():
    assert True
'''
JAVASCRIPT = """
import { it } from "vitest"; // it("commented", () => {})
/* it("commented too", () => { expect(1).toBe(1) }) */
const pattern = /["'`]/.test(x), other = a / b / c;
describe("sum", () => {
  it("adds", () => { expect(add(1, 2)).toBe(3); });
  it.each([[1, 2]])("adds %d", (a, b) => {
    expect(add(a, b)).toBeTruthy();
    assert.deepEqual(a, `it("${b}")`);
  });
  test.skip("later", () => {});
  xit("never", () => {});
});
submit("form"); emit("it");
"""
GO = """
package sum
// func TestCommented(t *testing.T) {}
func TestAdd(t *testing.T) {
	if got := Add(1, 2); got != 3 { t.Errorf("got %d", got) }
	t.Run("more", func(t *testing.T) { require.Equal(t, 3, Add(2, 1)) })
	if err != nil { t.Fatal(err) }
}
func TestLater(t *testing.T) { t.Skip("func TestX(") }
"""
RUST = """
/* #[test] */
#[cfg(test)]
mod tests {
    #[test]
    fn adds<'a>() { assert_eq!(add(1, 2), 3); assert!(ok("assert!(x)")); }
    #[tokio::test]
    #[ignore = "slow"]
    async fn later() {}
}
"""
JAVA = """
class AppTest {
  @Test void adds() { assertEquals(3, add(1, 2)); assertTrue(ok()); } // @Test
  @Disabled("@Test") @ParameterizedTest void later(int a) { assertThat(a).isEqualTo(1); }
}
"""
RUBY = """
=begin
it "is commented" do
=end
describe Sum do
  it "adds" do
    expect(add(1, 2)).to eq(3) # expect(x)
    assert ok
  end
  xit "is left out" do
  end
end
"""


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        (PYTHON, "python", (3, 1, 4, 3)),
        (JAVASCRIPT, "javascript", (4, 2, 3, 2)),
        (GO, "go", (3, 1, 3, 2)),
        (RUST, "rust", (2, 1, 2, 1)),
        (JAVA, "java", (2, 1, 3, 2)),
        (RUBY, "ruby", (2, 1, 2, 1)),
    ],
)
def test_tests_skips_assertions_and_equalities_are_counted(
    text: str, language: Language, found: tuple[int, ...]
) -> None:
    census = count(text, language)

    assert (
        *(census.tests, census.skips),
        *(census.assertions.total(), census.equalities),
    ) == found


def version(path: str, before: str | None, after: str | None) -> Version:
    return Version(
        path, *(text if text is None else census_of(path, text) for text in (before, after))
    )


WHOLE = """
def test_total():
    assert total([1, 2]) == 3
    assert total([]) == 0

def test_names():
    assert "a" in names()
"""


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        (None, "test_app.py is gone"),
        (WHOLE.replace("def test_names", "def names_of"), "2 tests became 1"),
        (WHOLE.replace("def test_names", "@pytest.mark.skip\ndef test_names"), "skipped"),
        (WHOLE.replace("def test_names", "@pytest.mark.xfail\ndef test_names"), "skipped"),
        (WHOLE.replace("    assert total([]) == 0\n", ""), "3 assertions became 2"),
        (WHOLE.replace("assert total([]) == 0", "# assert total([]) == 0"), "became 2"),
        (WHOLE.replace("total([]) == 0", "True"), "became 2"),
        (WHOLE.replace("total([]) == 0", "total([]) is not None"), "exact value"),
        (WHOLE.replace("total([]) == 0", "total([]) >= 0"), "exact value"),
        (WHOLE.replace("total([]) == 0", "total([])"), "exact value"),
        (WHOLE.replace("== 0", "== pytest.approx(0, rel=1)"), "exact value"),
        (WHOLE.replace("== 0", "== pytest.approx(0, abs=10)"), "exact value"),
        (WHOLE.replace("== 0", "== pytest.approx(0, 1)"), "exact value"),
        (WHOLE.replace("== 0", "== mock.ANY"), "exact value"),
        (WHOLE.replace("== 0", "== total([])"), "became 2"),
        (WHOLE.replace("== 0", "== 0 or True"), "became 2"),
        (WHOLE.replace("total([]) == 0", "1 == 1"), "became 2"),
        (WHOLE.replace("total([]) == 0", "'a' == 'a'"), "became 2"),
        (WHOLE.replace("def test_names", "def _test_names"), "2 tests became 1"),
        (WHOLE.replace('assert "a"', 'return\n    assert "a"'), "skipped"),
        (
            WHOLE.replace('assert "a"', '"""Says why."""\n    return None\n    assert "a"'),
            "skipped",
        ),
        (WHOLE.replace('assert "a"', 'skip("later")\n    assert "a"'), "skipped"),
        (WHOLE.replace('assert "a"', 'if False:\n        assert "a"'), "skipped"),
        (
            WHOLE.replace(
                '    assert "a" in names()',
                '    try:\n        assert "a" in names()\n    except AssertionError:\n        pass',
            ),
            "skipped",
        ),
    ],
)
def test_what_a_change_loses_is_said(after: str | None, lost: str) -> None:
    said = losses([version("test_app.py", WHOLE, after)])

    assert any(lost in each for each in said)


@pytest.mark.parametrize(
    "files",
    [
        [("test_app.py", WHOLE, WHOLE)],
        [("test_app.py", WHOLE, WHOLE + "\ndef test_more():\n    assert 1 == one()\n")],
        [("test_app.py", WHOLE, WHOLE.replace("total([]) == 0", "total([]) == 1"))],
        [("test_app.py", WHOLE, WHOLE.replace("total([]) == 0", "(\n total([])\n == 0\n)"))],
        # moved whole, and moved in part
        [("test_app.py", WHOLE, None), ("tests/test_app.py", None, WHOLE)],
        [
            ("test_app.py", WHOLE, WHOLE.partition("def test_names")[0]),
            ("test_names.py", None, "def test_names():\n    assert 'b' in names()\n"),
        ],
        [("helpers.py", "def made(): ...", None)],
    ],
)
def test_a_change_that_keeps_them_loses_nothing(files: list[tuple[str, str, str]]) -> None:
    assert losses([version(*each) for each in files]) == []


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


LANGUAGES: list[Language] = ["python", "javascript", "go", "rust", "java", "ruby"]
PIECES = st.lists(
    st.sampled_from(
        [
            *('"', "'", "`", "/", "*", "/*", "*/", "//", "#", "\\", "(", "[", "]", ")", "\n", " "),
            *("=", "=begin", "=end", 'r#"', '"#', '"""', "'''", "a", "assert", "it(", "def test_a"),
        ]
    ),
    max_size=40,
).map("".join)


@given(PIECES, st.sampled_from(LANGUAGES))
def test_no_text_has_more_code_than_it_is_long(text: str, language: Language) -> None:
    code = without_words(text, language)

    # Each string becomes two quotes, and the shortest has one character.
    assert len(code) <= 2 * len(text)
    assert count(text, language).tests <= len(text)


@given(st.text("ab \n=()[]{}.;", max_size=60), st.sampled_from(LANGUAGES))
def test_text_without_quotes_and_comments_is_all_code(text: str, language: Language) -> None:
    assert without_words(text.replace("=b", "b"), language) == text.replace("=b", "b")
