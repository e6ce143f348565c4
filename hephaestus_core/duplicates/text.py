"""A task's text as it is compared with others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import Final

from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.constructions import is_fix_of_it
from hephaestus_core.duplicates.layout import Role, Sentence, sentences
from hephaestus_core.duplicates.meaning import FORMS, Form, clauses, is_fronted, meaning
from hephaestus_core.duplicates.term import Kind, Term
from hephaestus_core.duplicates.terms import is_name, spelled, terms
from hephaestus_core.duplicates.tokens import Word

Meaning = tuple[str, ...]
#: Most readings of a text that are kept: with few other texts, other names have an effect.
_MOST_TOLD: Final = 8


@dataclass(frozen=True)
class Text:
    """The sentences of a text, and the words that stand in code.

    It keeps what was found out about it, since a stored text is compared with many new ones.
    """

    sentences: tuple[Sentence, ...]
    names: frozenset[str]
    told: "dict[tuple[frozenset[str], bool], list[Said]]" = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """Its clauses, by the names that matter for it and by ``to_end``; for :func:`said` alone."""

    @property
    def length(self) -> int:
        """The number of its words."""
        return sum(len(sentence.words) for sentence in self.sentences)

    @cached_property
    def exact_key(self) -> str:
        """A hash that texts share which differ in layout, case and punctuation alone.

        The items of a list may stand in another order, unless a word of the text gives it one.
        """
        return _exact_key(self)

    @cached_property
    def may_be_names(self) -> frozenset[str]:
        """Its words that are read in another way if they are names: other names have no effect."""
        words = {
            spelled(word)
            for sentence in self.sentences
            if sentence.role is not Role.CODE
            for word in sentence.words
            if not word.code
        }
        return frozenset(words | {word.casefold() for word in words})


def read(text: str) -> Text:
    """Return a text without its layout, in time linear in its length."""
    found = sentences(text)
    words = chain.from_iterable(sentence.words for sentence in found)
    return Text(found, frozenset(spelled(word) for word in words if word.code))


def _exact_key(text: Text) -> str:
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
    written: dict[Form, Meaning] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """Its meaning in the forms that were asked for."""

    def in_form(self, form: Form) -> Meaning:
        """Return its meaning, written down in a form."""
        found = self.written.get(form)
        if found is None:
            is_code = self.role is Role.CODE
            found = tuple(t.text for t in self.terms) if is_code else meaning(self.terms, form)
            self.written[form] = found
        return found


def said(text: Text, names: frozenset[str], *, to_end: bool) -> list[Said]:
    """Return the clauses of a text; those that say nothing are left out.

    Args:
        text: the text.
        names: words that count as names wherever they stand.
        to_end: as for :func:`clauses`.
    """
    effective = names & text.may_be_names
    if (effective, to_end) not in text.told:
        if len(text.told) >= _MOST_TOLD:
            text.told.clear()
        text.told.update(_told(text, effective))
    return text.told[effective, to_end]


def _told(text: Text, names: frozenset[str]) -> "dict[tuple[frozenset[str], bool], list[Said]]":
    """Return the clauses for either value of ``to_end``; the same ones if it has no effect."""
    read = [(s, _terms(s, names)) for s in _with_its_fix(text.sentences)]
    told = _saying(read, to_end=True)
    is_same = not any(is_fronted(found) for _, found in read)
    return {
        (names, True): told,
        (names, False): told if is_same else _saying(read, to_end=False),
    }


def _with_its_fix(told: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """Join *Fix it.* at the end of a text with the sentence that says what is broken."""
    if len(told) < 2 or {told[-2].role, told[-1].role} != {Role.TEXT}:  # noqa: PLR2004
        return told
    words = [word.text.casefold() for word in told[-1].words]
    if not is_fix_of_it([word for word in words if word != "please"]):
        return told
    *before, last = told[-2].words
    joined = (*before, replace(last, pause=True), *told[-1].words)
    return (*told[:-2], Sentence(Role.TEXT, joined))


def _saying(read: Iterable[tuple[Sentence, list[Term]]], *, to_end: bool) -> list[Said]:
    found = chain.from_iterable(_said(s, found, to_end=to_end) for s, found in read)
    return [clause for clause in found if clause.in_form(FORMS[0])]


def flat(told: Iterable[Said], form: Form) -> Meaning:
    """Return the meaning of clauses, one behind the other."""
    return tuple(chain.from_iterable(clause.in_form(form) for clause in told))


def letters(told: Iterable[Said]) -> list[str]:
    """Return the letters of all terms: texts that agree in any form have the same."""
    terms = (term for term in flat(told, FORMS[0]) if term not in known.LOST)
    return sorted(chain.from_iterable(terms))


def _terms(sentence: Sentence, names: frozenset[str]) -> list[Term]:
    if sentence.role is Role.CODE:
        return [Term(word.text, Kind.NAME) for word in sentence.words]
    if len(sentence.words) == 1 and sentence.words[0].text.casefold() in known.LABELS:
        return []
    return terms(sentence.words, names)


def _said(sentence: Sentence, found: list[Term], *, to_end: bool) -> Iterator[Said]:
    if sentence.role is Role.CODE:
        yield Said(Role.CODE, refers_back=True, terms=tuple(found))
        return
    refers_back = _refers_back(sentence)
    for clause in clauses(found, to_end=to_end):
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
