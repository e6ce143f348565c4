"""The terms of a sentence: names as written, other words by their stems, few words as links."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.constructions import done_before, ensured, plainly
from hephaestus_core.duplicates.stems import stem
from hephaestus_core.duplicates.term import Kind, Term
from hephaestus_core.duplicates.tokens import Word

_CONTRACTED_NOT: Final = {"can't": "can", "won't": "will", "shan't": "shall", "cannot": "can"}
_ENDINGS: Final = ("'s", "'re", "'ve", "'ll", "'m", "'d")
#: Digits between the commas of a large number.
_GROUP: Final = 3
_APOSTROPHES: Final = str.maketrans("’‘ʼ", "'''")
_DOTTED: Final = frozenset(phrase for words in known.PHRASES for phrase in words if "." in phrase)


def terms(words: tuple[Word, ...], names: frozenset[str]) -> list[Term]:
    """Return the terms of a sentence.

    Args:
        words: the words of the sentence.
        names: words that count as names wherever they stand, since they stand in code somewhere.
    """
    words = _kinds_last(words, names)
    spread = [part for at, word in enumerate(words) for part in _spread(word, names, first=at == 0)]
    parts = list(_joined(spread))
    front = _end_of_front(parts)
    order = ensured(_actively(plainly(parts[front:])))
    return _weighed([*done_before(parts[:front]), *order])


def _end_of_front(parts: list[Term]) -> int:
    """Return where the order begins behind *when the page loads,* and the like."""
    if not parts or parts[0].raw not in known.FRONTED:
        return 0
    return next((at for at in range(1, len(parts)) if parts[at - 1].pause), 0)


def _kinds_last(words: tuple[Word, ...], names: frozenset[str]) -> tuple[Word, ...]:
    """Say *the Invoice model* for *the model Invoice*."""
    turned = list(words)
    for at in range(1, len(turned) - 1):
        kind, name = turned[at], turned[at + 1]
        if kind.code or kind.pause or kind.text not in known.KINDS or _is_named(turned[at - 1]):
            continue
        if name.text in names or _is_named(name):
            turned[at], turned[at + 1] = replace(name, pause=False), replace(kind, pause=name.pause)
    return tuple(turned)


def _is_named(word: Word) -> bool:
    """Return whether a word within a sentence is a name, or begins like one."""
    return word.code or (not word.text.isdigit() and is_name(word.text)) or word.text[:1].isupper()


def spelled(word: Word) -> str:
    """Return a word without the ending of a genitive, of a short verb or of a call."""
    text = word.text.removesuffix("()").translate(_APOSTROPHES) or word.text
    if not word.code and text.casefold().endswith(_ENDINGS):
        return text.rpartition("'")[0] or text
    return text


def is_name(text: str) -> bool:
    """Return whether a word is a name by its form: signs, digits, or capitals within it."""
    if not text.isalpha():
        bare = text.translate(_APOSTROPHES).replace("'", "").replace("-", "")
        return not bare.isalpha() or text.startswith("-") or _has_inner_capital(bare)
    return _has_inner_capital(text)


def _has_inner_capital(text: str) -> bool:
    inner = text[1:]
    plain = inner.islower() or text.isupper() or (text[:-1].isupper() and text[-1] == "s")
    return not plain and inner != inner.lower() and text.casefold() not in known.WELL_KNOWN


def _spread(word: Word, names: frozenset[str], *, first: bool) -> Iterator[Term]:
    """Yield one or more terms for a word, not yet by their stems."""
    text = spelled(word)
    if word.code or text in names or text in known.NAMES_IN_CAPITALS:
        yield Term(text, Kind.NAME, word.pause, text)
        return
    lower = text.casefold()
    if first and lower in names:
        yield Term(lower, Kind.NAME, word.pause, lower)
    elif lower in _CONTRACTED_NOT or lower.endswith("n't"):
        yield _plain(_CONTRACTED_NOT.get(lower, lower[:-3]))
        yield _plain("not", pause=word.pause)
    elif text[:1].isdigit():
        yield from _number(text, pause=word.pause)
    elif len(text) == 1 and text.isupper() and text != "I" and not first:
        yield Term(text, Kind.NAME, word.pause, text)
    elif lower in _DOTTED or not is_name(text):
        yield _plain(lower.replace("-", "").replace("'", ""), pause=word.pause)
    else:
        yield Term(text, Kind.NAME, word.pause, lower)


def _plain(lower: str, *, pause: bool = False) -> Term:
    return Term(lower, Kind.WORD, pause, lower)


def _number(text: str, *, pause: bool) -> Iterator[Term]:
    """Yield a number, and apart from it its unit: *10,000*, *30s*, *15-minute*."""
    end = 0
    while end < len(text) and (text[end].isdigit() or text[end] in ".,"):
        end += 1
    unit = known.UNITS.get(text[end:].lstrip("-").casefold())
    if end < len(text) and unit is None:
        yield Term(text, Kind.NAME, pause, text)
        return
    number = _without_commas(text[:end])
    yield Term(number, Kind.NAME, pause and unit is None, number)
    if unit is not None:
        yield Term(unit, Kind.NAME, pause, unit)


def _without_commas(number: str) -> str:
    first, *groups = number.split(",")
    are_groups = all(len(group) == _GROUP and group.isdigit() for group in groups)
    return number.replace(",", "") if len(first) <= _GROUP and are_groups else number


def _joined(parts: list[Term]) -> Iterator[Term]:
    """Replace phrases of several words by the one word that they mean."""
    at = 0
    while at < len(parts):
        length, meant = _phrase_at(parts, at)
        if length == 0:
            yield parts[at]
            at += 1
            continue
        at += length
        pause = parts[at - 1].pause
        if meant:
            yield _plain(meant, pause=pause)


def _phrase_at(parts: list[Term], at: int) -> tuple[int, str]:
    if parts[at].raw not in known.PHRASE_STARTS:
        return 0, ""
    for length in range(min(known.LONGEST_PHRASE, len(parts) - at), 0, -1):
        said = tuple(part.raw for part in parts[at : at + length])
        if said in known.PHRASES and not any(part.pause for part in parts[at : at + length - 1]):
            return length, known.PHRASES[said]
    return 0, ""


def _actively(parts: list[Term]) -> list[Term]:
    """Say *export cells* for *cells should be exported*."""
    for at in range(1, len(parts) - 2):
        if parts[at].pause or parts[at].raw in known.CLAUSE_LINKS:
            break
        done = parts[at + 2]
        passive = parts[at].raw in known.MODALS and parts[at + 1].raw in known.AUXILIARIES
        if passive and done.kind is Kind.WORD and done.raw.endswith(("ed", "en", "t", "n")):
            return [replace(done, pause=False), *parts[:at], *parts[at + 3 :]]
    return parts


def _weighed(parts: list[Term]) -> list[Term]:
    """Leave out words without weight; replace the others by what they share with their forms."""
    found: list[Term] = []
    for at, part in enumerate(parts):
        if _says_kind(part, parts[max(0, at - 1) : at + 2]):
            continue
        if part.raw not in known.DROPPED:
            if found and part.raw in known.FINITE:
                found[-1] = replace(found[-1], stops=True)
            found.append(_term(part, found, parts[at + 1 : at + 3]))
        elif found:
            stops = found[-1].stops or part.raw in known.VERBS_OF_STATE
            found[-1] = replace(found[-1], stops=stops, pause=found[-1].pause or part.pause)
    return found


def _says_kind(part: Term, around: list[Term]) -> bool:
    """Return whether a word only says what the name beside it is: *the file a.py*."""
    if part.raw in known.KINDS_OF_FUNCTIONS:
        return any(other.kind is Kind.NAME and not other.text[:1].isdigit() for other in around)
    signs = known.KINDS_OF_NAMES.get(part.raw, "")
    return any(other.kind is Kind.NAME and any(s in other.text for s in signs) for other in around)


def _term(part: Term, before: list[Term], after: list[Term]) -> Term:
    before_number = bool(after) and after[0].raw[:1].isdigit()
    if part.kind is Kind.NAME:
        return part
    if part.raw in known.NUMBERS:
        return Term(known.NUMBERS[part.raw], Kind.NAME, part.pause, part.raw)
    if part.raw == "one" and after and after[0].raw in known.UNITS:
        return Term("1", Kind.NAME, part.pause, part.raw)
    if part.raw in known.UNITS and before and before[-1].text.isdigit():
        return Term(known.UNITS[part.raw], Kind.NAME, part.pause, part.raw)
    if before_number and part.raw in known.BEFORE_NUMBERS:
        meant = known.BEFORE_NUMBERS[part.raw]
        return Term(meant, Kind.LINK, part.pause, meant)
    stemmed = stem(part.raw)
    if not (before_number and part.raw == "since" and _ends_clause(after)):
        stemmed = known.SAME.get(stemmed, stemmed)
    link = part.raw in known.LINKS or stemmed in _LINK_STEMS
    return Term(stemmed, Kind.LINK if link else Kind.WORD, part.pause, part.raw)


def _ends_clause(terms: list[Term]) -> bool:
    """Return whether the first of two terms is the last of its clause."""
    return len(terms) == 1 or terms[0].pause or terms[1].raw in known.LINKS


_LINK_STEMS: Final = frozenset({known.SAME.get(stem(link), stem(link)) for link in known.LINKS})
