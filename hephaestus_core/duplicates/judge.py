"""The judgement whether two texts ask for the same work, by rules and without a model.

A false *same* throws work away, while a false *unsure* only does it twice; so *same* is the answer
only when nothing differs but layout, construction and words without weight.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hephaestus_core.duplicates import decisive
from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.differences import Difference, Subject, differences
from hephaestus_core.duplicates.layout import Role
from hephaestus_core.duplicates.meaning import FORMS, Form
from hephaestus_core.duplicates.stems import stem
from hephaestus_core.duplicates.text import (
    Meaning,
    Said,
    Text,
    flat,
    has_order,
    letters,
    said,
)

#: Most words of a text that is judged; a longer one is the same only as one with the same key.
WORDS_LIMIT: Final = 10_000
#: From this share of common words on, two texts are about the same thing.
_ALIKE: Final = 0.4
#: From this share of the other words on, a negation makes it other work. In other words a fault is
#: often a negation: *the cache is not cleared* and *clear the cache*.
_ALMOST_ALIKE: Final = 0.7
#: Where the noun stands that says what is added: *add unit tests*.
_OBJECT: Final = 4
_ADD: Final = "add"
_OBJECTS: Final = frozenset({stem("tests"), stem("docs"), stem("document")})


class Answer(Enum):
    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for two texts.

    Args:
        answer: whether they ask for the same work.
        reason: why, in a sentence for people.
        share: share of their words that both have, 0 to 1.
        differences: what only one of them says.
    """

    answer: Answer
    reason: str
    share: float = 1.0
    differences: tuple[Difference, ...] = ()


def judge(one: Text, other: Text) -> Verdict:
    """Return whether two texts ask for the same work, in time linear in their lengths."""
    if one.exact_key == other.exact_key:
        return Verdict(Answer.SAME, "The texts differ in layout at most.")
    if max(one.length, other.length) > WORDS_LIMIT:
        return Verdict(Answer.UNSURE, "A text is too long to be compared.", share=0.0)
    names = one.names | other.names
    ordered = has_order(one) or has_order(other)
    for told, told_by_other in _readings(one, other, names):
        if letters(told) != letters(told_by_other):
            continue
        if _agree(told, told_by_other):
            return Verdict(Answer.SAME, "They differ at most in words without weight.")
        if not ordered and _agree_arranged(told, told_by_other):
            return Verdict(Answer.SAME, "The same sentences stand in another order.")
    return _unequal(told, told_by_other, names)


def _readings(
    one: Text, other: Text, names: frozenset[str]
) -> Iterator[tuple[list[Said], list[Said]]]:
    """Yield the clauses of both texts for either value of ``to_end``, once if it has no effect."""
    first = said(one, names, to_end=True), said(other, names, to_end=True)
    yield first
    second = said(one, names, to_end=False), said(other, names, to_end=False)
    if second[0] is not first[0] or second[1] is not first[1]:
        yield second


def _agree(told: Sequence[Said], other: Sequence[Said]) -> bool:
    """Return whether two texts say the same in one of the forms, as wholes or by clauses."""
    if any(_spelled(flat(told, form)) == _spelled(flat(other, form)) for form in FORMS):
        return True
    return len(told) == len(other) and all(
        any(_spelled(one.in_form(form)) == _spelled(two.in_form(form)) for form in FORMS)
        for one, two in zip(told, other, strict=True)
    )


def _agree_arranged(told: Sequence[Said], other: Sequence[Said]) -> bool:
    return any(_arranged(told, form) == _arranged(other, form) for form in FORMS)


def _spelled(meaning: Meaning) -> str:
    """Return the terms as one string; a word in two parts equals the word in one."""
    return "".join(term if term.isalpha() and term.islower() else f" {term} " for term in meaning)


def _arranged(told: Sequence[Said], form: Form) -> list[tuple[str, list[str]]]:
    """Return the clauses in an order of their own, below what introduces them.

    A clause that refers to the one before stays behind it.
    """
    groups: list[tuple[str, list[list[str]]]] = [("", [])]
    for clause in told:
        chunks = groups[-1][1]
        spelled = _spelled(clause.in_form(form))
        if clause.role is Role.LABEL:
            groups.append((spelled, []))
        elif chunks and clause.refers_back:
            chunks[-1].append(spelled)
        else:
            chunks.append([spelled])
    return sorted((label, sorted(map(". ".join, chunks))) for label, chunks in groups)


def _unequal(told: Sequence[Said], other: Sequence[Said], names: frozenset[str]) -> Verdict:
    one, two = flat(told, FORMS[0]), flat(other, FORMS[0])
    share = _share(one, two)
    found = differences(one, two, names)
    if not found:
        reason = "The same words stand in another order, which may change their meaning."
        return Verdict(Answer.UNSURE, reason, share)
    why = _why_different(told, other, found) if share >= _ALIKE else None
    if why is None and (_is_part(told, other) or _is_part(other, told)):
        why = "One asks for a part of the other."
    if why is not None:
        return Verdict(Answer.DIFFERENT, why, share, found)
    return Verdict(Answer.UNSURE, f"They differ in {'; '.join(map(str, found))}.", share, found)


def _why_different(
    told: Sequence[Said], other: Sequence[Said], found: Sequence[Difference]
) -> str | None:
    """Return why two texts about the same thing ask for other work; None: it is not sure."""
    reworded = _share_without_negations(told, other) < _ALMOST_ALIKE
    deciding = [
        str(difference)
        for difference in found
        if difference.decides and not (reworded and difference.subject is Subject.NEGATION)
    ]
    if deciding:
        return f"They differ in {'; '.join(deciding)}."
    work, work_of_other = _work(told), _work(other)
    if work and work_of_other and work != work_of_other:
        return f"One asks for {work}, the other for {work_of_other}."
    return None


def _share(one: Meaning, other: Meaning) -> float:
    words, others = frozenset(one), frozenset(other)
    return len(words & others) / max(1, len(words | others))


def _share_without_negations(told: Sequence[Said], other: Sequence[Said]) -> float:
    one, two = (
        tuple(term for term in flat(each, FORMS[0]) if term not in decisive.NEGATIONS)
        for each in (told, other)
    )
    return _share(one, two)


def _work(told: Sequence[Said]) -> str | None:
    """Return the kind of work that the first order in a text asks for."""
    meanings = (clause.in_form(FORMS[0]) for clause in told)
    meaning = next((meaning for meaning in meanings if meaning[0] in decisive.WORK), None)
    if meaning is None:
        return None
    if meaning[0] != _ADD:
        return decisive.WORK[meaning[0]]
    objects = [term for term in meaning if term in _OBJECTS]
    if objects:
        return decisive.WORK[objects[0]] if objects[0] in meaning[1:_OBJECT] else None
    return decisive.WORK[_ADD]


def _is_part(told: Sequence[Said], whole: Sequence[Said]) -> bool:
    """Return whether the whole has all the clauses, and orders beside them."""
    part = {clause.in_form(FORMS[0]) for clause in told}
    of_whole = {clause.in_form(FORMS[0]) for clause in whole}
    return part < of_whole and any(said[0] in known.ACTION_WORDS for said in of_whole - part)
