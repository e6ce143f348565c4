"""The common form of the forms of an English word."""

from functools import lru_cache
from typing import Final

_IRREGULAR: Final = {
    "used": "use", "using": "use", "usage": "use", "written": "write",
    "wrote": "write", "broken": "break", "broke": "break", "made": "make",
    "sent": "send", "built": "build", "kept": "keep", "taken": "take", "took": "take",
    "given": "give", "gave": "give", "shown": "show", "held": "hold", "lost": "lose",
    "found": "find", "ran": "run", "began": "begin", "begun": "begin", "got": "get",
    "indices": "index", "children": "child", "people": "person", "analyses": "analysis",
    "analyse": "analyze", "these": "this", "those": "that", "mice": "mouse",
    "fed": "feed", "drawn": "draw", "drew": "draw", "left": "leave", "chosen": "choose",
    "brought": "bring", "thrown": "throw", "threw": "throw", "hidden": "hide", "went": "go",
    "gone": "go", "goes": "go", "going": "go", "stuck": "stick", "understood": "understand",
    "grey": "gray", "programme": "program", "licence": "license", "programmes": "program",
    "fewer": "less", "production": "production", "ids": "id", "apis": "api", "prs": "pr",
}  # fmt: skip
_BRITISH: Final = (
    ("aviour", "avior"), ("olour", "olor"), ("centre", "center"), ("alogue", "alog"),
    ("avour", "avor"), ("onour", "onor"), ("eighbour", "eighbor"), ("abour", "abor"),
    ("efence", "efense"), ("iser", "izer"), ("ysing", "yzing"), ("ysed", "yzed"),
)  # fmt: skip
_VOWELS: Final = frozenset("aeiouy")
_LEAST: Final = 4
#: Most letters of nouns in *-ion* that stand for themselves: *version*, *option*.
_LEAST_NOUN: Final = 7
#: Most letters of a word whose stem is kept for the next time.
_LONGEST_KEPT: Final = 32
_KEPT_S: Final = ("ss", "us", "is", "news")
_ENDINGS: Final = (
    ("ification", "ifi"), ("isation", "iz"), ("ization", "iz"), ("ising", "iz"), ("izing", "iz"),
    ("ised", "iz"), ("ized", "iz"), ("ise", "iz"), ("ize", "iz"),
)  # fmt: skip


def stem(word: str) -> str:
    """Return what the forms of a word in lower case share; a short word is its own stem."""
    return _kept(word) if len(word) <= _LONGEST_KEPT else _stem(word)


def _stem(word: str) -> str:
    if word in _IRREGULAR:
        return _cut_e(_IRREGULAR[word])
    word = _british(_singular(word))
    for ending, stands_for in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST - 1:
            return word[: -len(ending)] + stands_for
    if word.endswith(("tion", "sion")) and len(word) > _LEAST_NOUN:
        return word[: -len("ion")]
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and _is_stem(rest) and not word.endswith("eed"):
            return _cut_e(_single(rest))
    return _cut_e(word)


_kept: Final = lru_cache(maxsize=10_000)(_stem)


def _singular(word: str) -> str:
    if len(word) < _LEAST or not word.endswith("s") or word.endswith(_KEPT_S):
        return word
    if word.endswith("ies") and len(word) > _LEAST:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def _british(word: str) -> str:
    for british, american in _BRITISH:
        if word.endswith(british):
            return word[: -len(british)] + american
    return word


def _is_stem(rest: str) -> bool:
    return len(rest) >= _LEAST - 1 and not _VOWELS.isdisjoint(rest)


def _single(rest: str) -> str:
    """Undo the doubling of a consonant, as in *logging*."""
    doubled = rest[-1] == rest[-2] and rest[-1] not in _VOWELS and rest[-1] not in "lsz"
    return rest[:-1] if doubled else rest


def _cut_e(word: str) -> str:
    if len(word) >= _LEAST and word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "i"
    return word[:-1] if len(word) >= _LEAST and word.endswith("e") else word
