"""The cases of tests that run once for each: the items of the lists that stand in their code."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from hephaestus_worker.reviews.code import Language

_Kind = Literal["arguments", "first", "list", "other"]

#: What begins such a list, by where the list stands: after the first comma, at the first bracket,
#: or at the last bracket of this text itself. Repetitions are possessive or short.
_BEGINNINGS: Final[dict[Language, str]] = {
    "python": r"(?P<arguments>\bparametrize\()"
    r"|(?P<list>^[ \t]*+for\b[^\n:]{0,100}?\bin[ \t]++[\[(])",
    "javascript": r"(?P<first>\.each\()|(?P<list>\bof[ \t]++\[)",
    "java": r"(?P<first>@(?:Value|Csv|Enum)Source\()",
    "go": r"(?P<list>\bstruct[ \t]*+\{[^{}]*+\}[ \t]*+\{|\brange[ \t]++\[\]\w++\{)",
}
_TOKENS: Final = {
    language: re.compile(rf"{beginning}|[\[({{]|[\])}}]|,", re.MULTILINE)
    for language, beginning in _BEGINNINGS.items()
}


@dataclass
class _Frame:
    """An open bracket; `began`: something stands in it since its last comma."""

    kind: _Kind
    items: int = 0
    began: bool = False
    seen: bool = False


@dataclass(frozen=True)
class Cases:
    """The lists of cases in a text, and the items of all of them."""

    lists: int = 0
    items: int = 0


def cases_in(code: str, language: Language) -> Cases:
    """Count the cases in code without the contents of strings.

    A list that stands elsewhere under a name does not count, nor does a comma behind the last item.
    """
    tokens = _TOKENS.get(language)
    if tokens is None:
        return Cases()
    frames: list[_Frame] = []
    lists = items = last = 0
    for found in tokens.finditer(code):
        text = found.group()
        if frames and code[last : found.start()].strip():
            frames[-1].began = True
        last = found.end()
        if text[-1] in "[({":
            is_call = code[found.start() - 1 : found.start()].isalnum()
            frames.append(_Frame(_kind(found, frames, is_call=is_call)))
        elif not frames:
            continue
        elif text == ",":
            frames[-1].items += frames[-1].began
            frames[-1].began = False
        else:
            ended = frames.pop()
            if ended.kind == "list":
                lists, items = lists + 1, items + ended.items + ended.began
            if frames:
                frames[-1].began = True
    return Cases(lists, items)


def _kind(found: re.Match[str], frames: list[_Frame], *, is_call: bool) -> _Kind:
    if found.lastgroup is not None:
        return found.lastgroup  # type: ignore[return-value]  # the names of the groups
    around = frames[-1] if frames else None
    if around is None or around.seen or around.kind not in {"arguments", "first"}:
        return "other"
    if around.kind == "arguments" and not around.items:
        return "other"
    around.seen = True
    # What a function returns may have any number of items.
    return "other" if is_call else "list"
