"""The parts of a Markdown document that checks look at. Each line is read once."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

#: Every repetition is possessive or bounded, so that no document takes more than linear time.
_FENCE: Final = re.compile(r" {0,3}(`{3,}+|~{3,}+)[ \t]*+([^\n]*+)")
_HEADING: Final = re.compile(r" {0,3}#{1,6}[ \t]++([^\n]*+)")
_UNDERLINE: Final = re.compile(r" {0,3}(?:=++|-{2,}+)[ \t]*+$")
_BACKTICKS: Final = re.compile(r"`++")
_LINK: Final = re.compile(r"\]\([ \t]*+<?([^\s<>)]++)")
_DEFINITION: Final = re.compile(r" {0,3}\[[^\]\n]{1,200}+\]:[ \t]*+<?([^\s<>]++)")
_NOT_IN_SLUGS: Final = re.compile(r"[^\w\- ]")
_ANCHOR: Final = re.compile(r"\b(?:id|name)=\"([^\"\n]{1,200}+)\"")


@dataclass(frozen=True)
class Part:
    """A part of a document, with the line that it begins in, from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    line: int
    """That of its first line of text."""
    info: str
    """The words after the fence, such as the language."""
    text: str


@dataclass
class Document:
    """A document, taken apart."""

    headings: list[Part] = field(default_factory=list)
    with_text: list[str] = field(default_factory=list)
    """The headings that have a text of their own, before the next heading."""
    links: list[Part] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    """Those that the document sets by itself, beside the ones of its headings."""
    spans: list[Part] = field(default_factory=list)
    """The code between backticks within a line."""
    blocks: list[Block] = field(default_factory=list)

    @cached_property
    def slugs(self) -> set[str]:
        """The anchors that links may name; a repeated heading has a number behind it."""
        found: set[str] = set(self.anchors)
        times: dict[str, int] = {}
        for heading in self.headings:
            text = heading.text.replace("`", "").lower()
            slug = _NOT_IN_SLUGS.sub("", text).strip().replace(" ", "-")
            times[slug] = times.get(slug, -1) + 1
            found.add(slug if not times[slug] else f"{slug}-{times[slug]}")
        return found


def read(text: str) -> Document:
    """Take a document apart."""
    document = Document()
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        # What stands behind a fence of backticks holds none; otherwise it is code in a line.
        if fence is None or (fence[1][0] == "`" and "`" in fence[2]):
            _line(document, lines, at)
            at += 1
        else:
            at = _block(document, lines, at, fence)
    return document


def _block(document: Document, lines: list[str], at: int, fence: re.Match[str]) -> int:
    """Add the block that begins here; return the line after it."""
    begin = end = at + 1
    while end < len(lines) and not _closes(lines[end], fence[1]):
        end += 1
    info, body = fence[2].strip(), "\n".join(lines[begin:end])
    document.blocks.append(Block(begin + 1, info, body))
    _has_text(document)
    return end + 1


def _closes(line: str, fence: str) -> bool:
    mark = line.strip()
    return len(mark) >= len(fence) and not mark.strip(fence[0])


def _line(document: Document, lines: list[str], at: int) -> None:
    line, number = lines[at], at + 1
    heading = _HEADING.match(line)
    if heading is not None:
        document.headings.append(Part(number, heading[1].rstrip(" #\t")))
    elif at and lines[at - 1].strip() and _UNDERLINE.match(line) and _is_plain(lines[at - 1]):
        document.headings.append(Part(number - 1, lines[at - 1].strip()))
    elif line.strip() and not _is_underlined(lines, at):
        _has_text(document)
    _inline(document, line, number)


def _is_underlined(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and _is_plain(lines[at]) and bool(_UNDERLINE.match(lines[at + 1]))


def _is_plain(line: str) -> bool:
    """Say whether a line may be the text of a heading that is underlined."""
    return not line.lstrip().startswith(("#", "-", "*", "+", ">", "|", "`", "~"))


def _has_text(document: Document) -> None:
    if document.headings:
        title = document.headings[-1].text
        if not document.with_text or document.with_text[-1] != title:
            document.with_text.append(title)


def _inline(document: Document, line: str, number: int) -> None:
    spans = _spans(line)
    document.spans += [Part(number, line[begin:end].strip()) for begin, end in spans]
    plain, last = [], 0
    for begin, end in spans:
        plain.append(line[last:begin])
        last = end
    bare = "".join([*plain, line[last:]])
    document.links += [Part(number, found) for found in _LINK.findall(bare)]
    defined = _DEFINITION.match(bare)
    if defined is not None:
        document.links.append(Part(number, defined[1]))
    document.anchors.update(_ANCHOR.findall(bare))


def _spans(line: str) -> list[tuple[int, int]]:
    """Return where code begins and ends: between two equally long runs of backticks."""
    runs = [(found.start(), found.end()) for found in _BACKTICKS.finditer(line)]
    by_length: dict[int, list[int]] = {}
    for place in range(len(runs) - 1, -1, -1):
        by_length.setdefault(runs[place][1] - runs[place][0], []).append(place)
    spans, at = [], 0
    while at < len(runs):
        begin, end = runs[at]
        others = by_length[end - begin]
        while others and others[-1] <= at:
            others.pop()
        if others:
            at = others[-1]
            spans.append((end, runs[at][0]))
        at += 1
    return spans
