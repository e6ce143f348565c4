"""Constructions that ask for the same work, said in one way.

*Make the login work* is *fix the login*, and *users should be able to log in* is *allow users to
log in*. Each rule reads the beginning of a sentence, and leaves it alone unless all of it fits.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.stems import stem
from hephaestus_core.duplicates.term import Kind, Term

#: Most words of those for whom something is to be possible: *users of the shop*.
_MOST_WHO: Final = 5
#: What a thing is made to do -> the order to make it so.
_MADE: Final = {"work": "fix", "working": "fix", "pass": "fix", "faster": "speedup"}
_WELL: Final = frozenset({"again", "correctly", "properly", "reliably"})
_FIXES: Final = frozenset({"fix", "repair", "mend", "correct"})
#: Where the second word of an order stands, if an article comes before it.
_BEHIND_ARTICLE: Final = 2
_IT: Final = frozenset({"it", "this", "that"})
_WE: Final = frozenset({"i", "we", "you", "it", "he", "she", "they", "this", "that", "there"})
_ARE: Final = frozenset({"is", "are", "was", "were"})
_POLITE: Final = frozenset({"please", "kindly", "just", "also", "now"})
_THEN: Final = _POLITE | {"so", "and"}
#: Links to where or when a thing is to work; with others it may be a new ability.
_WHERE: Final = frozenset({"on", "in", "when", "for", "under"})
_LETS: Final = frozenset({"allow", "let", "permit", "enable"})


def plainly(parts: list[Term]) -> list[Term]:
    """Return a sentence's words in the plainest of the constructions that mean the same."""
    while len(parts) > 1 and parts[0].raw in _POLITE:
        parts = parts[1:]
    for rule in _RULES:
        parts = rule(parts)
    return parts


def _word(raw: str) -> Term:
    return Term(raw, Kind.WORD, raw=raw)


def _is_joint(part: Term) -> bool:
    """Return whether a clause may end behind this word, or another begins with it."""
    return part.pause or part.raw in known.CLAUSE_LINKS


def is_fix_of_it(words: Sequence[str]) -> bool:
    """Return whether words say *fix it*, in lower case."""
    return len(words) == 2 and words[0] in _FIXES and words[1] in _IT  # noqa: PLR2004


def _told_of(parts: list[Term]) -> list[Term]:
    """Say *fix the login that is broken* for *the login is broken, fix it*."""
    told, asked = parts[:-2], [part.raw for part in parts[-2:]]
    while told and told[-1].raw in _THEN:
        told = told[:-1]
    if len(told) < 2 or not is_fix_of_it(asked):  # noqa: PLR2004
        return parts
    is_order = stem(told[0].raw) in known.OPENINGS and not told[0].raw.endswith("ing")
    if not told[-1].pause or told[0].raw in known.FRONTED or is_order:
        return parts
    return [_word("fix"), *told[:-1], replace(told[-1], pause=False)]


def _made_to_work(parts: list[Term]) -> list[Term]:
    """Say *fix the login* for *make the login work*, and for *get the login to work again*."""
    if len(parts) < 3 or parts[0].raw not in {"make", "get"}:  # noqa: PLR2004 - make it work
        return parts
    for at in range(1, len(parts)):
        if at > 1 and parts[at].kind is Kind.WORD and parts[at].raw in _MADE:
            end = at + 1
            while end < len(parts) and parts[end].raw in _WELL and not parts[end - 1].pause:
                end += 1
            goes_on = end < len(parts) and not parts[end - 1].pause
            last = at - 1 if parts[at - 1].raw == "to" else at
            if last == 1 or (goes_on and parts[end].raw not in _WHERE | known.CLAUSE_LINKS):
                return parts
            made = [*parts[1 : last - 1], replace(parts[last - 1], pause=parts[end - 1].pause)]
            return [_word(_MADE[parts[at].raw]), *made, *parts[end:]]
        if _is_joint(parts[at]):
            break
    return parts


def _made_to_do(parts: list[Term]) -> list[Term]:
    """Say *ensure that the importer skips gaps* for *make the importer skip gaps*."""
    if [part.raw for part in parts[:2]] != ["make", "the"]:
        return parts
    for at in range(2, min(len(parts) - 1, _MOST_WHO + 2)):
        is_plain = parts[at].kind is Kind.WORD and not parts[at].raw.endswith(("s", "ed", "ing"))
        if at > _BEHIND_ARTICLE and is_plain and stem(parts[at].raw) in known.OPENINGS:
            return [_word("ensure"), *parts[1:]]
        if _is_joint(parts[at]) or parts[at].raw in known.LINKS:
            break
    return parts


def _broken(parts: list[Term]) -> list[Term]:
    """Say *fix the login* for *fix the broken login*: what works is not mended."""
    if not parts or parts[0].raw not in _FIXES:
        return parts
    kept: list[Term] = []
    for at, part in enumerate(parts):
        ends = part.pause or at == len(parts) - 1
        if part.raw != "broken" or not (at <= _BEHIND_ARTICLE or ends):
            kept.append(part)
        elif part.pause:
            kept[-1] = replace(kept[-1], pause=True)
    return kept


def _adverb_last(parts: list[Term]) -> list[Term]:
    """Say *handle the error gracefully* for *gracefully handle the error*."""
    if len(parts) < 3 or not parts[0].raw.endswith("ly") or parts[0].pause:  # noqa: PLR2004
        return parts
    if stem(parts[1].raw) not in known.OPENINGS:
        return parts
    end = next((at for at in range(2, len(parts)) if _is_joint(parts[at])), len(parts))
    if end == len(parts) or not parts[end].pause:
        return [*parts[1:end], parts[0], *parts[end:]]
    last = replace(parts[end], pause=False)
    return [*parts[1:end], last, replace(parts[0], pause=True), *parts[end + 1 :]]


def done_before(parts: list[Term]) -> list[Term]:
    """Say *after removing an item* for *after an item is removed*."""
    for at in range(len(parts) - 3):
        if parts[at].raw not in {"after", "before"}:
            continue
        end = at + 1
        while end < len(parts) - 1 and end - at <= _MOST_WHO and parts[end].raw not in _ARE:
            if _is_joint(parts[end]) or parts[end].raw in known.LINKS:
                break
            end += 1
        done = parts[end + 1] if end + 1 < len(parts) else None
        is_last = end + 2 >= len(parts) or (done is not None and _is_joint(done))
        if end == at + 1 or parts[end].raw not in _ARE or done is None or not is_last:
            continue
        if not done.raw.endswith(("ed", "en", "t", "d")):
            continue
        subject = [*parts[at + 1 : end - 1], replace(parts[end - 1], pause=done.pause)]
        return [*parts[: at + 1], replace(done, pause=False), *subject, *parts[end + 2 :]]
    return parts


def _allowed(parts: list[Term]) -> list[Term]:
    """Say *allow users to log in* for *users should be able to log in* and the like."""
    raw = [part.raw for part in parts]
    if raw[:3] == ["make", "it", "possible"]:
        return _possible(parts[3:])
    if raw[:1] == ["it"] and raw[1:2] and raw[1] in known.MODALS and raw[2:4] == ["be", "possible"]:
        return _possible(parts[4:])
    if raw[:1] == ["as"]:
        return _story(parts)
    who = _end_of_who(parts, 1 if raw[:1] and raw[0] in _LETS else 0)
    if who is None:
        return parts
    if raw[0] in _LETS:
        goes_on = raw[who] == "to" and stem(raw[who + 1]) in known.OPENINGS
        return [_word("allow"), *parts[1:]] if goes_on else parts
    if raw[who] in known.MODALS and raw[who + 1 : who + 2] == ["can"]:
        return [_word("allow"), *parts[:who], _word("to"), *parts[who + 2 :]]
    return parts


def _possible(parts: list[Term]) -> list[Term]:
    """Return the order for what stands behind *it should be possible*."""
    if parts and parts[0].raw in {"for", "to"}:
        return [_word("allow"), *parts[1:]]
    return [_word("allow"), *parts]


def _story(parts: list[Term]) -> list[Term]:
    """Say *allow users to log in* for *as a user, I want to log in*."""
    for at in range(2, min(len(parts) - 3, _MOST_WHO)):
        if [part.raw for part in parts[at + 1 : at + 4]] == ["i", "want", "to"]:
            who = [*parts[1:at], replace(parts[at], pause=False)]
            return [_word("allow"), *who, _word("to"), *parts[at + 4 :]]
    return parts


def _end_of_who(parts: list[Term], begin: int) -> int | None:
    """Return where the words end that say who or what; None: something else follows them."""
    for at in range(begin, min(len(parts) - 1, begin + _MOST_WHO)):
        if at > begin and (parts[at].raw in known.MODALS or parts[at].raw == "to"):
            return at
        if _is_joint(parts[at]):
            return None
    return None


def _replaced(parts: list[Term]) -> list[Term]:
    """Say *replace A with B* for *use B instead of A*, and for *switch from A to B*."""
    raw = [part.raw for part in parts]
    if raw[:1] == ["use"]:
        at = _end_of_run(parts, 1)
        end = _end_of_run(parts, at + 1)
        if at == 1 or raw[at : at + 1] != ["insteadof"] or end == at + 1:
            return parts
        return _order("replace", parts[at + 1 : end], "with", parts[1:at], parts[end:])
    if raw[:2] in (["switch", "from"], ["migrate", "from"], ["change", "from"]):
        at = _end_of_run(parts, 2)
        end = _end_of_run(parts, at + 1)
        if at == 2 or raw[at : at + 1] != ["to"] or end == at + 1:  # noqa: PLR2004
            return parts
        return _order("replace", parts[2:at], "with", parts[at + 1 : end], parts[end:])
    return parts


def _order(
    action: str, one: list[Term], link: str, other: list[Term], rest: list[Term]
) -> list[Term]:
    """Return an order about two things; it pauses where the later one of them did."""
    pause = one[-1].pause or other[-1].pause
    first = [*one[:-1], replace(one[-1], pause=False)]
    second = [*other[:-1], replace(other[-1], pause=pause)]
    return [_word(action), *first, _word(link), *second, *rest]


def _end_of_run(parts: list[Term], at: int) -> int:
    while at < len(parts) and parts[at].raw not in known.LINKS | known.CLAUSE_LINKS:
        at += 1
        if parts[at - 1].pause:
            break
    return at


def _upgraded(parts: list[Term]) -> list[Term]:
    """Say *upgrade X to 4.2* for *update X to 4.2*."""
    if parts and parts[0].raw == "update":
        for at in range(2, len(parts) - 1):
            if _is_joint(parts[at]):
                break
            is_version = parts[at + 1].raw[:1].isdigit() or parts[at + 1].raw == "latest"
            if parts[at].raw == "to" and is_version:
                return [_word("upgrade"), *parts[1:]]
    return parts


def _converted(parts: list[Term]) -> list[Term]:
    """Say *convert X from A to B* for *migrate X from A to B*."""
    if not parts or parts[0].raw not in {"migrate", "port", "transform"}:
        return parts
    raw = [part.raw for part in parts]
    end = next((at + 1 for at, part in enumerate(parts) if _is_joint(part)), len(parts))
    links = [each for each in raw[2:end] if each in {"from", "to"}]
    return [_word("convert"), *parts[1:]] if links == ["from", "to"] else parts


def _purpose(parts: list[Term]) -> list[Term]:
    """Say *a job to delete logs* for *a job that deletes logs*."""
    turned = list(parts)
    for at in range(2, len(parts) - 1):
        does = parts[at + 1].raw
        if (
            parts[at].raw in {"that", "which"}
            and does.endswith("s")
            and stem(does) in known.OPENINGS
        ):
            turned[at] = _word("to")
    return turned


def _ensured_done(parts: list[Term]) -> list[Term]:
    """Say *log the errors* for *ensure that errors are logged*."""
    if not parts or parts[0].raw != "ensure":
        return parts
    for at in range(2, min(len(parts) - 1, _MOST_WHO + 2)):
        if parts[at].raw in {"is", "are"} and parts[at + 1].raw.endswith("ed"):
            last = replace(parts[at - 1], pause=parts[at + 1].pause)
            done = replace(parts[at + 1], pause=False)
            return [done, *parts[1 : at - 1], last, *parts[at + 2 :]]
        if _is_joint(parts[at]):
            break
    return parts


def _built(parts: list[Term]) -> list[Term]:
    """Say *create a page* for *build a page*; what is compiled is built in another sense."""
    if not parts or parts[0].raw != "build" or parts[0].kind is not Kind.WORD:
        return parts
    end = next((at + 1 for at, part in enumerate(parts) if _is_joint(part)), len(parts))
    compiled = any(part.raw in known.COMPILED for part in parts[1:end])
    return parts if compiled else [_word("create"), *parts[1:]]


def ensured(parts: list[Term]) -> list[Term]:
    """Say *ensure that the list is short* for *the list should be short*."""
    if not parts or parts[0].raw in known.LINKS or parts[0].raw in _WE:
        return parts
    if stem(parts[0].raw) in known.OPENINGS:
        return parts
    who = _end_of_who(parts, 0)
    if who is None or parts[who].raw not in known.MODALS:
        return parts
    return [_word("ensure"), *parts]


_RULES: Final[tuple[Callable[[list[Term]], list[Term]], ...]] = (
    _adverb_last,
    done_before,
    _told_of,
    _made_to_work,
    _made_to_do,
    _broken,
    _allowed,
    _replaced,
    _upgraded,
    _converted,
    _built,
    _purpose,
    _ensured_done,
)
