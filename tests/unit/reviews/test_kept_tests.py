"""The tests that a change keeps: what is counted in each language, and what counts as lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_worker.reviews.census import count
from hephaestus_worker.reviews.code import Language, without_words
from hephaestus_worker.reviews.kept_tests import losses
from tests.unit.reviews.versions import WHOLE, version

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
