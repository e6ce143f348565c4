import re
import sys
import textwrap
from collections.abc import Callable
from types import FrameType
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench.duplicates import PAIRS, read_pairs
from hephaestus_core.duplicates.judge import Answer, judge
from hephaestus_core.duplicates.text import read

TEXTS = sorted({pair.a for pair in read_pairs(PAIRS)})
#: Texts without lists and code, so that they can be wrapped anywhere.
PROSE = [text for text in TEXTS if "\n" not in text and not re.search(r"(^| )[-<>+*=#&|]+ ", text)]
NEGATION = r"\b(not|never|without|no)\b "
NEGATED = [text for text in TEXTS if re.search(NEGATION, text)]
texts = st.sampled_from(TEXTS)
strange = st.text(
    alphabet=st.sampled_from(list("asBz09 \n\t.,;:!?'\"`*_-#>()[]{}/\\<=~|&é中\u2028\x00")),
    max_size=80,
)


def answer(one: str, other: str) -> Answer:
    return judge(read(one), read(other)).answer


def changed(text: str, pattern: str, number: int, change: Callable[[str], str]) -> str:
    """Return the text with one occurrence of a pattern changed."""
    found = list(re.finditer(pattern, text))
    assume(found)
    match = found[number % len(found)]
    return text[: match.start()] + change(match.group()) + text[match.end() :]


@given(strange | texts, strange | texts)
def test_the_order_of_two_texts_does_not_matter(one: str, other: str) -> None:
    assert judge(read(one), read(other)).answer is judge(read(other), read(one)).answer


@given(strange)
def test_any_text_is_the_same_as_itself(text: str) -> None:
    assert answer(text, text) is Answer.SAME


@given(st.sampled_from(PROSE), st.integers(20, 100))
def test_a_wrapped_text_is_the_same(text: str, width: int) -> None:
    wrapped = textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
    assume(not re.search(r"\n(\d{1,3}[.)]|[-+*#>]) ?", wrapped))

    assert read(wrapped).exact_key == read(text).exact_key
    assert answer(text, f"> {wrapped}".replace("\n", "\n> ")) is Answer.SAME


@given(texts, st.sampled_from(["*", "+", "•", "1.", "7)"]))
def test_other_bullets_leave_a_text_the_same(text: str, bullet: str) -> None:
    assert answer(text, re.sub(r"(?m)^- ", f"{bullet} ", text)) is Answer.SAME


@given(st.sampled_from(PROSE), st.integers(0, 100))
def test_emphasis_leaves_a_text_the_same(text: str, number: int) -> None:
    bold = changed(
        text, r"(?<![^ ])[A-Za-z]{3,}(?= |[,.;:] |[.]?$)", number, lambda word: f"**{word}**"
    )
    assume(bold.count("`") % 2 == 0 and not re.search(r"`[^`]*\*\*[^`]*`", bold))

    assert answer(text, bold) is Answer.SAME


@given(texts, st.integers(0, 100), st.integers(1, 99))
def test_another_number_is_never_the_same(text: str, number: int, by: int) -> None:
    other = changed(text, r"(?m)(?<!^)(?<!\d)\d+", number, lambda digits: str(int(digits) + by))

    assert answer(text, other) is not Answer.SAME


@given(texts, st.integers(0, 100), st.sampled_from(["x", "_old", "2", "/b"]))
def test_another_path_or_name_is_never_the_same(text: str, number: int, more: str) -> None:
    name = r"[\w-]+/[\w./-]*\w|\w+_\w+|\b[a-z]+[A-Z]\w+|`[\w-]+(?=`)"
    other = changed(text, name, number, lambda found: found + more)

    assert answer(text, other) is not Answer.SAME


@given(texts, st.integers(0, 100))
def test_one_negation_more_is_never_the_same(text: str, number: int) -> None:
    other = changed(text, r"\b(must|should|to|is|are)\b", number, lambda word: f"{word} not")

    assert answer(text, other) is not Answer.SAME


@given(st.sampled_from(NEGATED), st.integers(0, 100))
def test_one_negation_less_is_never_the_same(text: str, number: int) -> None:
    other = changed(text, NEGATION, number, lambda _: "")

    assert answer(text, other) is not Answer.SAME


def _lines_run(call: Callable[[], object]) -> int:
    """Return how many lines of Python a call runs."""
    lines = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines


@settings(max_examples=8)
@given(strange, st.sampled_from(PROSE))
def test_twice_the_text_takes_twice_the_steps(part: str, other: str) -> None:
    def steps(times: int) -> int:
        one, two = f"{other} {part * times}", f"{part * times} {other}"
        return _lines_run(lambda: judge(read(one), read(two)))

    assert steps(24) <= 2.5 * steps(12)
