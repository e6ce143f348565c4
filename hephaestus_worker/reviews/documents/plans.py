"""The plan of a feature: examples with ids, the files that change, and slices of work."""

import re
from collections.abc import Callable, Iterator
from typing import Final

#: The sections of a plan.
SECTIONS: Final = ("Examples", "Left out", "Files", "Risks", "Slices")

#: Every repetition is possessive or bounded, so that no plan takes more than linear time.
_HEADING: Final = re.compile(r"#{1,6}[ \t]++([^\n]{1,200})")
_ITEM: Final = re.compile(r"[ \t]{0,8}(?:[-*+]|\d{1,3}[.)])[ \t]++(?=\S)")
_ID: Final = re.compile(r"\bEX_\d{1,4}\b")
_PATH: Final = re.compile(r"`([^`\n]{1,300})`")
_PARTS: Final = ("given", "when", "then")
_NEW: Final = "(new)"


def faults(text: str, exists: Callable[[str], bool], *, least: int) -> Iterator[str]:
    """Yield the faults of a plan.

    Args:
        text: its Markdown.
        exists: says whether the commit holds a path.
        least: the number of examples.
    """
    found = _sections(text)
    for name in SECTIONS:
        if name not in found:
            yield f"the section `{name}` is missing"
    examples = found.get("Examples", [])
    ids = [match[0] for item in examples if (match := _ID.search(item))]
    yield from _of_examples(examples, ids, least)
    for item in found.get("Files", []):
        yield from _of_file(item, exists)
    sliced = set(_ID.findall("\n".join(found.get("Slices", []))))
    for each in dict.fromkeys(ids):
        if each not in sliced:
            yield f"no slice has the example {each}"
    for each in sorted(sliced - set(ids)):
        yield f"a slice has {each}, which is no example"


def _of_examples(examples: list[str], ids: list[str], least: int) -> Iterator[str]:
    if len(set(ids)) < least:
        yield f"{len(set(ids))} examples with an id like EX_01; at least {least} are needed"
    if len(set(ids)) < len(ids):
        yield "two examples have the same id"
    for item in examples:
        missing = [part for part in _PARTS if not re.search(rf"\b{part}\b", item, re.IGNORECASE)]
        if missing:
            yield f"an example lacks `{'`, `'.join(missing)}`: {item[:80]}"


def _of_file(item: str, exists: Callable[[str], bool]) -> Iterator[str]:
    path = _PATH.search(item)
    if path is None:
        yield f"a file is named without backticks: {item[:80]}"
    elif _NEW not in item and not exists(path[1].strip("/")):
        yield f"`{path[1]}` does not exist; mark it {_NEW} if it is to be made"


def _sections(text: str) -> dict[str, list[str]]:
    """Return the items of the list in each section; a line without a mark goes on with its item."""
    found: dict[str, list[str]] = {}
    items: list[str] = []
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            items = found.setdefault(heading[1].strip(), [])
        elif mark := _ITEM.match(line):
            items.append(line[mark.end() :].strip())
        elif items and line.strip():
            items[-1] = f"{items[-1]} {line.strip()}"
    return found
