"""What a text keeps for later comparisons changes no verdict."""

from collections.abc import Iterator
from itertools import chain, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.duplicates import PAIRS, read_pairs
from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.judge import judge
from hephaestus_core.duplicates.layout import Role
from hephaestus_core.duplicates.meaning import FORMS, clauses, meaning
from hephaestus_core.duplicates.term import Kind, Term
from hephaestus_core.duplicates.terms import terms
from hephaestus_core.duplicates.text import Text, read, said

TEXTS = sorted({text for pair in read_pairs(PAIRS) for text in (pair.a, pair.b)})
WORDS = sorted(set(chain.from_iterable(text.split() for text in TEXTS)))
strange = st.text(alphabet=st.sampled_from(list("asB9 \n.,:'’`*_-#/")), max_size=60)
texts = st.sampled_from(TEXTS) | strange
#: *'s* and capitals, since a word is a name also without its ending, and at the beginning.
written = st.sampled_from(WORDS).flatmap(
    lambda word: st.sampled_from([word, word.casefold(), word.capitalize(), f"{word}'s"])
)


def told_at_once(text: Text, names: frozenset[str], *, to_end: bool) -> Iterator[tuple[Term, ...]]:
    """Yield the clauses of a text, without what it has kept, and with all names."""
    for sentence in text.sentences:
        words = sentence.words
        if sentence.role is Role.CODE:
            yield tuple(Term(word.text, Kind.NAME) for word in words)
        elif len(words) > 1 or words[0].text.casefold() not in known.LABELS:
            for clause in clauses(terms(words, names), to_end=to_end):
                if meaning(clause, FORMS[0]):
                    yield tuple(clause)


@given(texts, st.lists(written, max_size=8), st.data())
def test_names_that_a_text_has_not_matter_not(
    before: str, words: list[str], data: st.DataObject
) -> None:
    text = read(" ".join([*words, before]))
    own = [word.text for sentence in text.sentences for word in sentence.words]
    some = st.sets(written | st.sampled_from(own or ["x"]), max_size=6)
    for _ in range(3):
        names = frozenset(data.draw(some))
        for to_end in (False, True):
            told = [clause.terms for clause in said(text, names, to_end=to_end)]
            assert told == list(told_at_once(text, names, to_end=to_end))


@pytest.mark.parametrize(
    ("written", "name"),
    [("Upload it", "upload"), ("Call upload’s end", "upload"), ("Call Upload now", "Upload")],
)
def test_a_name_that_a_text_has_in_another_form_matters(written: str, name: str) -> None:
    text = read(written)
    for names in (frozenset[str](), frozenset({name})):
        told = [clause.terms for clause in said(text, names, to_end=True)]
        assert told == list(told_at_once(text, names, to_end=True))
    assert len(text.told) == 4, "it was read twice, each time for both places of the front"


@settings(max_examples=60)
@given(st.lists(texts, min_size=2, max_size=4))
def test_a_text_that_was_compared_before_is_judged_as_a_fresh_one(some: list[str]) -> None:
    kept = [read(text) for text in some]
    for one, other in permutations(range(len(some)), 2):
        assert judge(kept[one], kept[other]) == judge(read(some[one]), read(some[other]))


def test_few_readings_of_a_text_are_kept() -> None:
    words = [f"word{letter}" for letter in "abcdefghijklmnopqrst"]
    text = read(" ".join(words))
    for word in words:
        judge(text, read(f"Look at `{word}`"))
    assert len(text.told) <= 10
