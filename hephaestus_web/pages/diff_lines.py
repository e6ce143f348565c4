"""Lines of a patch as HTML: escaped, with what is invisible made visible and what changed marked.

Each line is looked at a constant number of times, and long ones are cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

from hephaestus_core.changes.patches import Line, PatchFile

#: Characters of a line that are shown; the rest is counted.
LINE_LIMIT: Final = 2000
#: Longer lines get no marks within them.
_MARKED_LIMIT: Final = 500


def _signs() -> dict[int, str]:
    """Return the characters that would hide or turn around others, each with a visible sign."""
    pictures = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) != "\t"}
    named = [0x7F, *range(0x80, 0xA0), 0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010)]
    named += [*range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC)]
    named += range(0xE0000, 0xE0200)
    return pictures | {code: f"U+{code:04X}" for code in named}


_SIGNS: Final = _signs()
_VISIBLE: Final = {code: f'<b class="odd">{sign}</b>' for code, sign in _SIGNS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the page shows it; the place is empty where nobody can comment."""

    kind: str
    html: Markup
    number: int | None = None
    place: str = ""


def shown(text: str) -> Markup:
    """Return a text of others as HTML, with its invisible characters made visible."""
    return Markup(str(escape(text)).translate(_VISIBLE))  # noqa: S704 - escaped before


def in_plain(text: str) -> str:
    """Return a text of others with its invisible characters made visible, not as HTML."""
    return text.translate(_SIGNS)


def rows_of(patch: PatchFile, start: int, most: int) -> Iterator[Row]:
    """Yield the lines of a file from ``start`` on, each once and in order."""
    for hunk in patch.hunks:
        if start == 0 and most:
            yield Row("head", shown(hunk.head[:LINE_LIMIT]))
            most -= 1
        lines = hunk.lines[max(start - 1, 0) :][:most]
        for changed, run in groupby(lines, _is_changed):
            rows = list(run)
            yield from _changed_rows(rows) if changed else map(_row, rows)
        most -= len(lines)
        start = max(start - 1 - len(hunk.lines), 0)
    for text in patch.unread[start:][:most]:
        yield Row("note", shown(text[:LINE_LIMIT]))


def _is_changed(line: Line) -> bool:
    return line.kind != "context"


def _changed_rows(run: Sequence[Line]) -> Iterator[Row]:
    """Yield a run of changed lines; as many removed as added ones are compared with each other."""
    removed = [line for line in run if line.kind == "removed"]
    added = [line for line in run if line.kind == "added"]
    if len(removed) != len(added):
        yield from map(_row, run)
        return
    spans = [differing(old.text, new.text) for old, new in zip(removed, added, strict=True)]
    of_removed, of_added = iter(spans), iter(spans)
    for line in run:
        if line.kind == "removed":
            start, end, _ = next(of_removed)
            yield _row(line, (start, end))
        elif line.kind == "added":
            start, _, end = next(of_added)
            yield _row(line, (start, end))
        else:
            yield _row(line)


def differing(old: str, new: str) -> tuple[int, int, int]:
    """Return where two lines part, and where in each of them they join again, by whole words.

    Lines that have nothing in common, and long ones, get an empty part.
    """
    shortest = min(len(old), len(new))
    if max(len(old), len(new)) > _MARKED_LIMIT:
        return 0, 0, 0
    start = next((at for at in range(shortest) if old[at] != new[at]), shortest)
    start = _word_begin(old, new, start)
    same = 0
    while same < shortest - start and old[-1 - same] == new[-1 - same]:
        same += 1
    while same and (_is_inside(old, len(old) - same) or _is_inside(new, len(new) - same)):
        same -= 1
    if not old[:start].strip() and not old[len(old) - same :].strip():
        return 0, 0, 0
    return start, len(old) - same, len(new) - same


def _word_begin(old: str, new: str, at: int) -> int:
    while at and (_is_inside(old, at) or _is_inside(new, at)):
        at -= 1
    return at


def _is_inside(text: str, at: int) -> bool:
    """Say whether this place parts a word."""
    return 0 < at < len(text) and _is_word(text[at - 1]) and _is_word(text[at])


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _row(line: Line, marked: tuple[int, int] = (0, 0)) -> Row:
    if line.kind == "note":
        return Row("note", shown(line.text[:LINE_LIMIT]))
    number = line.old if line.new is None else line.new
    return Row(line.kind, _html(line.text, *marked), number, line.place)


def _html(text: str, start: int, end: int) -> Markup:
    if len(text) > LINE_LIMIT:
        rest = f"{len(text) - LINE_LIMIT:,} more characters"
        return shown(text[:LINE_LIMIT]) + Markup('<b class="odd">… {}</b>').format(rest)
    if start >= end:
        return shown(text)
    marked = Markup("<mark>{}</mark>").format(shown(text[start:end]))
    return shown(text[:start]) + marked + shown(text[end:])
