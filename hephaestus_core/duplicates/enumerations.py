"""Enumerations, such as *labels, focus and contrast*, in an order of their own."""

from dataclasses import replace
from typing import Final

from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.term import Kind, Term, end_of_run

_JOINING: Final = frozenset({"and", "or"})

#: An operand: where it begins and ends.
_Span = tuple[int, int]


def enumeration_sorted(terms: list[Term]) -> list[Term]:
    """Sort *A, B and C*, unless its order may matter or another enumeration goes with it."""
    if any(term.raw in known.ENUMERATING for term in terms):
        return terms
    found = _enumerations(terms)
    if len(found) != 1:
        return terms
    operands = found[0]
    begin, end = operands[0][0], operands[-1][1]
    if _is_distributed(terms, begin, end):
        return terms
    joining = [term for term in terms[begin:end] if term.text in _JOINING]
    values = sorted(
        (terms[first:last] for first, last in operands), key=lambda v: [term.text for term in v]
    )
    return [*terms[:begin], *_joined(values, joining[0], terms[end - 1]), *terms[end:]]


def _is_distributed(terms: list[Term], begin: int, end: int) -> bool:
    """Return whether the operands belong to two parts: *errors to A and warnings to B*."""
    return end < len(terms) and any(term.text == terms[end].text for term in terms[:begin])


def _joined(values: list[list[Term]], joining: Term, last: Term) -> list[Term]:
    """Write operands as an enumeration whose last word ends like the one given."""
    joined: list[Term] = []
    for value in values:
        bare = [replace(term, pause=False, stops=False) for term in value]
        if len(joined) > 0:
            joined.append(joining)
        joined += bare
    joined[-1] = replace(joined[-1], pause=last.pause, stops=last.stops)
    return joined


def _enumerations(terms: list[Term]) -> list[list[_Span]]:
    """Return the operands of each enumeration with *and* or *or*."""
    found: list[list[_Span]] = []
    operands: list[_Span] = []
    at = 0
    while at < len(terms):
        if not terms[at].is_content:
            operands = []
            at += 1
            continue
        end = end_of_run(terms, at)
        begin = at + 1 if at == 0 and (is_opening(terms[0]) or end > 1) else at
        if begin < end:
            operands.append((begin, end))
        joins = end < len(terms) and terms[end].text in _JOINING
        last = _is_joined(terms, operands)
        if last and not (joins or (terms[end - 1].pause and end < len(terms))):
            found.append(operands)
            operands = []
        at = end + 1 if joins else max(end, at + 1)
        if not joins and not terms[at - 1].pause:
            operands = []
    return found


def is_opening(term: Term) -> bool:
    """Return whether a word at the beginning of a clause is its action."""
    return term.kind is Kind.WORD and (term.text in known.OPENINGS or term.raw in known.FINITE)


def _is_joined(terms: list[Term], operands: list[_Span]) -> bool:
    """Return whether the last operand follows *and*, without a comma where there are two only."""
    if len(operands) < 2:  # noqa: PLR2004 - an enumeration has two operands at least
        return False
    (_, before), (begin, _) = operands[-2:]
    if before >= begin or terms[before].text not in _JOINING:
        return False
    return len(operands) > 2 or not terms[before - 1].pause  # noqa: PLR2004
