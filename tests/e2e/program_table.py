"""The table in the documentation of what programs do in trouble, made of the kept records.

``make docs`` runs it; ``make programs`` makes the records.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.e2e.program_records import Record, Situation, kept

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "agent-programs.md"
PROGRAMS: Final = ("claude", "codex", "opencode", "droid")

_BEGIN: Final = "<!-- made from runs through the product: begin -->\n"
_END: Final = "<!-- made from runs through the product: end -->\n"
_ROWS: Final = {
    Situation.PERMISSION: "the repository has it ask for a permission",
    Situation.QUESTION: "its model uses the tool that asks",
    Situation.PLAN: "its model asks for the approval of a plan",
    Situation.DIALOG: "a dialog that stands",
    Situation.CONTEXT: "a used-up context",
    Situation.KEY: "a refused key",
    Situation.LIMIT: "a limit of the provider",
}


def table(records: Iterable[Record]) -> str:
    """Return the table: a row for each situation, a column for each program."""
    found = {(record.program, record.situation): record for record in records}
    versions = {record.program: record.version for record in found.values()}
    heads = [f"`{name}` {versions.get(name, '')}".rstrip() for name in PROGRAMS]
    lines = [_row("", heads), _row("---", ["---"] * len(PROGRAMS))]
    for situation, words in _ROWS.items():
        lines.append(_row(words, [_cell(found.get((name, situation))) for name in PROGRAMS]))
    return "\n".join(lines) + "\n"


def in_document(text: str) -> str:
    """Return the table that the document holds."""
    return text.partition(_BEGIN)[2].partition(_END)[0]


def main() -> int:
    """Write the table into the document."""
    text = DOCUMENT.read_text()
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    DOCUMENT.write_text(f"{before}{begin}{table(kept())}{end}{after}")
    return 0


def _row(first: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def _cell(record: Record | None) -> str:
    if record is None:
        return "none was met"
    if record.seconds is None:
        return record.outcome
    return f"{record.outcome} ({_shown(record.seconds)})"


def _shown(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else "< 1 s"


if __name__ == "__main__":
    sys.exit(main())
