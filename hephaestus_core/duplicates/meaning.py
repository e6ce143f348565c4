"""The order of words that sentences share when they say the same in another construction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.enumerations import enumeration_sorted, is_opening
from hephaestus_core.duplicates.phrases import phrased
from hephaestus_core.duplicates.stems import stem
from hephaestus_core.duplicates.term import Kind, Term, end_of_run

_ALL: Final = "all"
_FRONTED: Final = frozenset(map(stem, known.FRONTED)) | {known.SAME[stem("if")], "when"}
_AND: Final = "and"
_REMOVE, _FROM = stem("remove"), "from"
#: Words that leave the meaning as it is.
_WEIGHTLESS: Final = frozenset({"but", "then", stem("use")})
_JOINING: Final = frozenset({"and", "or", "but"})
_SEQUENCE: Final = frozenset({"to", "then", "first", "finally", "next", "lastly"})
#: Links that may be left out where they are repeated.
_REPEATED: Final = frozenset({"in", "on", "at", "of", "for", "with"})
#: Lost links that stay before a number: to grow *by* 10 is not to grow *to* 10.
_BEFORE_NUMBERS: Final = frozenset({"by", "to"})


@dataclass(frozen=True, slots=True)
class Form:
    """One of the ways to write a clause down; what is the same in one of them is the same.

    Args:
        genitives: links that are turned: *the tests of the parser* are *the parser tests*.
        sorted: an enumeration stands in an order of its own.
        phrased: the phrases stand in an order of their own.
    """

    genitives: frozenset[str]
    sorted: bool
    phrased: bool


_NONE, _OF = frozenset[str](), frozenset({"of"})
_TURNED: Final = (_OF | {"for"}, _OF, _NONE, _OF | {"for", "in", "on"})
#: Not all combinations: what is turned far and phrased too keeps too little of the order.
FORMS: Final = tuple(
    Form(genitives, in_order, is_phrased)
    for is_phrased, all_genitives in ((False, _TURNED), (True, (_OF, _NONE)))
    for genitives, in_order in product(all_genitives, (True, False))
)


def clauses(terms: list[Term], *, to_end: bool) -> Iterator[list[Term]]:
    """Yield the clauses of a sentence, each of which begins with its action.

    Args:
        terms: the terms of the sentence.
        to_end: what stands before the first action goes to the end of the sentence; else to the
            end of that action's clause.
    """
    terms = _fronted_last(_without_repeated_links(terms), to_end=to_end)
    begin = 0
    for at in range(1, len(terms)):
        if _is_action(terms[at]) and _ends_before(terms, at):
            joined = terms[at - 1].text == _AND and at - 1 > begin
            yield terms[begin : at - 1 if joined else at]
            begin = at
    yield terms[begin:]


def _ends_before(terms: list[Term], at: int) -> bool:
    return terms[at - 1].pause or terms[at - 1].text == _AND


def meaning(clause: Sequence[Term], form: Form) -> tuple[str, ...]:
    """Return the terms of a clause, in an order that does not depend on its construction."""
    terms = _without_new(_with_actions(clause))
    if form.sorted:
        terms = enumeration_sorted(terms)
    terms = _genitives_turned(terms, form.genitives)
    return tuple(phrased(terms) if form.phrased else _without_lost_links(terms))


def _without_repeated_links(terms: list[Term]) -> list[Term]:
    """Say *on x86 and ARM* for *on x86 and on ARM*."""
    seen: set[str] = set()
    kept: list[Term] = []
    for at, term in enumerate(terms):
        joined = at > 0 and terms[at - 1].text in _JOINING
        if not (joined and term.raw in seen):
            kept.append(term)
        if term.raw in _REPEATED:
            seen.add(term.raw)
    return kept


def is_fronted(terms: Sequence[Term]) -> bool:
    """Return whether something may stand before the action; else ``to_end`` has no effect."""
    return bool(terms) and (
        terms[0].text in _FRONTED or terms[0].raw in known.FRONTED or terms[0].text == _ALL
    )


def _fronted_last(terms: list[Term], *, to_end: bool) -> list[Term]:
    """Move what stands before the action behind it: *in the README, document X*."""
    if not is_fronted(terms):
        return terms
    end = _end_of_front(terms)
    if end is None:
        return terms
    last = len(terms) if to_end else _end_of_clause(terms, end)
    return [*terms[end:last], *terms[:end], *terms[last:]]


def _end_of_clause(terms: list[Term], begin: int) -> int:
    for at in range(begin, len(terms)):
        if terms[at].text in _JOINING:
            return at
        if terms[at].pause:
            return at + 1
    return len(terms)


def _end_of_front(terms: list[Term]) -> int | None:
    pauses = [at for at, term in enumerate(terms[:-1], start=1) if term.pause]
    for at in pauses:
        if _is_action(terms[at]):
            return at
    if terms[0].kind is Kind.LINK and not (pauses and terms[0].raw in known.CLAUSE_LINKS):
        for at in range(2, pauses[0] if pauses else len(terms)):
            if _is_action(terms[at]):
                return at
    return pauses[0] if pauses else None


def _is_action(term: Term) -> bool:
    return term.kind is Kind.WORD and term.text in known.ACTION_WORDS


def _without_new(terms: list[Term]) -> list[Term]:
    """Say *add a page* for *add a new page*."""
    if len(terms) > 2 and terms[0].text == "add" and terms[1].raw == "new":  # noqa: PLR2004
        return [terms[0], *terms[2:]]
    return terms


def _begins_clause(terms: Sequence[Term], at: int) -> bool:
    if at == 0 or terms[at - 1].pause:
        return True
    before = terms[at - 1]
    return before.text in _JOINING or before.raw in _SEQUENCE


def _may_be_action(terms: Sequence[Term], at: int) -> bool:
    """Return whether an order begins there, or what something does: *the card shows …*."""
    return _begins_clause(terms, at) or terms[at - 1].stops


def _with_actions(terms: Sequence[Term]) -> list[Term]:
    """Take one word for the verbs that mean the same at the beginning of a clause."""
    return [
        Term(known.ACTIONS.get(term.text, term.text), term.kind, term.pause, term.raw)
        if term.kind is Kind.WORD and _begins_clause(terms, at)
        else term
        for at, term in enumerate(terms)
    ]


def _genitives_turned(terms: list[Term], genitives: frozenset[str]) -> list[Term]:
    """Say *the parser's tests* for *the tests of the parser*."""
    turned: list[Term] = []
    at = 0
    while at < len(terms):
        if terms[at].kind is Kind.LINK:
            turned.append(terms[at])
            at += 1
            continue
        runs = [(at, end_of_run(terms, at))]
        while _is_genitive(terms, runs[-1][1], genitives):
            runs.append((runs[-1][1] + 1, end_of_run(terms, runs[-1][1] + 1)))
        begin, end = runs[0]
        if _may_be_action(terms, begin) and is_opening(terms[begin]):
            turned.append(terms[begin])
            runs[0] = (begin + 1, end)
        turned += _turned([terms[first:last] for first, last in runs if first < last])
        at = runs[-1][1]
    return turned


def _turned(runs: list[list[Term]]) -> list[Term]:
    """Return the runs in the opposite order; the punctuation stays where it was."""
    if len(runs) < 2:  # noqa: PLR2004 - nothing to turn
        return [term for run in runs for term in run]
    end = runs[-1][-1]
    moved = [replace(term, pause=False, stops=False) for run in runs[::-1] for term in run]
    return [*moved[:-1], replace(moved[-1], pause=end.pause, stops=end.stops)]


def _is_genitive(terms: list[Term], at: int, genitives: frozenset[str]) -> bool:
    return (
        at + 1 < len(terms)
        and not (terms[at - 1].pause or terms[at - 1].stops)
        and terms[at].raw in genitives
        and terms[at + 1].is_content
    )


def _without_lost_links(terms: list[Term]) -> list[str]:
    kept: list[str] = []
    removes = bool(terms) and terms[0].text == _REMOVE
    for at, term in enumerate(terms):
        if removes and term.text == _FROM:
            continue
        if term.kind is Kind.LINK and term.raw in known.LOST:
            number = at + 1 < len(terms) and terms[at + 1].text[:1].isdigit()
            if not (term.raw in _BEFORE_NUMBERS and number):
                continue
        if term.text not in _WEIGHTLESS:
            kept.append(term.text)
    return kept
