"""A task's text as it is compared with others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.layout import Role, Sentence, sentences
from hephaestus_core.duplicates.meaning import FORMS, Form, clauses, meaning
from hephaestus_core.duplicates.terms import Kind, Term, is_name, terms
from hephaestus_core.duplicates.tokens import Word

Meaning = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The sentences of a text, and the words that stand in code."""

    sentences: tuple[Sentence, ...]
    names: frozenset[str]

    @property
    def length(self) -> int:
        """The number of its words."""
        return sum(len(sentence.words) for sentence in self.sentences)


def read(text: str) -> Text:
    """Return a text without its layout, in time linear in its length."""
    found = sentences(text)
    words = chain.from_iterable(sentence.words for sentence in found)
    return Text(found, frozenset(word.text for word in words if word.code))


def exact_key(text: Text) -> str:
    """Return a hash that texts share which differ in layout, case and punctuation alone.

    The items of a list may stand in another order, unless a word of the text gives it one.
    """
    written = [(s.role, tuple(map(_folded, s.words))) for s in text.sentences]
    if not has_order(text):
        written = _lists_sorted(written)
    flat = chain.from_iterable(words for _, words in written)
    return sha256("\n".join(flat).encode()).hexdigest()


def has_order(text: Text) -> bool:
    """Return whether the order of the sentences may matter."""
    return any(
        sentence.role is Role.STEP
        or any(w.text.casefold() in known.ORDERING for w in sentence.words)
        for sentence in text.sentences
    )


@dataclass(frozen=True, slots=True)
class Said:
    """A clause of a text.

    Args:
        role: the role of its sentence.
        refers_back: it only makes sense after the clause before.
        terms: what it says.
    """

    role: Role
    refers_back: bool
    terms: tuple[Term, ...]

    def in_form(self, form: Form) -> Meaning:
        """Return its meaning, written down in a form."""
        if self.role is Role.CODE:
            return tuple(term.text for term in self.terms)
        return meaning(self.terms, form)


def said(text: Text, names: frozenset[str], *, to_end: bool) -> list[Said]:
    """Return the clauses of a text; those that say nothing are left out.

    Args:
        text: the text.
        names: words that count as names wherever they stand.
        to_end: as for :func:`clauses`.
    """
    found = chain.from_iterable(_said(s, names, to_end=to_end) for s in text.sentences)
    return [clause for clause in found if clause.in_form(FORMS[0])]


def flat(told: Iterable[Said], form: Form) -> Meaning:
    """Return the meaning of clauses, one behind the other."""
    return tuple(chain.from_iterable(clause.in_form(form) for clause in told))


def letters(told: Iterable[Said]) -> list[str]:
    """Return the letters of all terms: texts that agree in any form have the same."""
    terms = (term for term in flat(told, FORMS[0]) if term not in known.LOST)
    return sorted(chain.from_iterable(terms))


def _said(sentence: Sentence, names: frozenset[str], *, to_end: bool) -> Iterator[Said]:
    if sentence.role is Role.CODE:
        code = tuple(Term(word.text, Kind.NAME) for word in sentence.words)
        yield Said(Role.CODE, refers_back=True, terms=code)
        return
    if len(sentence.words) == 1 and sentence.words[0].text.casefold() in known.LABELS:
        return
    refers_back = _refers_back(sentence)
    for clause in clauses(terms(sentence.words, names), to_end=to_end):
        yield Said(sentence.role, refers_back, tuple(clause))


def _refers_back(sentence: Sentence) -> bool:
    return sentence.role is Role.NESTED or any(
        word.text.casefold() in known.REFERRING for word in sentence.words
    )


def _folded(word: Word) -> str:
    return word.text if is_name(word.text) else word.text.casefold()


def _lists_sorted(
    written: Iterable[tuple[Role, tuple[str, ...]]],
) -> list[tuple[Role, tuple[str, ...]]]:
    """Sort the items of each list; what is below an item stays with it."""
    done: list[tuple[Role, tuple[str, ...]]] = []
    run: list[list[tuple[Role, tuple[str, ...]]]] = []
    for role, words in written:
        if role is Role.ITEM:
            run.append([(role, words)])
        elif role in (Role.NESTED, Role.CODE) and run:
            run[-1].append((role, words))
        else:
            done += _sorted_run(run)
            run = []
            done.append((role, words))
    return [*done, *_sorted_run(run)]


def _sorted_run(
    run: list[list[tuple[Role, tuple[str, ...]]]],
) -> Iterable[tuple[Role, tuple[str, ...]]]:
    return chain.from_iterable(sorted(run, key=lambda item: [words for _, words in item]))
