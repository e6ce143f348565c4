"""The table of programs and promises in the documentation, made from the suite's outcomes.

Run it with ``python -m tests.integration.agents.conformance.table`` after the suite.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.base import Promise
from tests.integration.agents.conformance.all_cases import CASES
from tests.integration.agents.conformance.cases import Case
from tests.integration.agents.conformance.outcomes import passed

DOCUMENT: Final = Path(__file__).parents[4] / "docs" / "agent-programs.md"

_BEGIN: Final = "<!-- made by the conformance suite: begin -->\n"
_END: Final = "<!-- made by the conformance suite: end -->\n"


def table(cases: Sequence[Case]) -> str:
    """Return the table of what the programs' adapters promise, with the reasons of each no."""
    reasons: list[str] = []
    heads = [f"`{case.name}`" + (f" {case.version}" if case.version else "") for case in cases]
    lines = [_row("", heads), _row("---", ["---"] * len(cases))]
    lines += [_row(p.value, [_cell(case, p, reasons) for case in cases]) for p in Promise]
    notes = [f"{number}. {reason}" for number, reason in enumerate(reasons, start=1)]
    return "\n".join([*lines, "", *notes]) + "\n"


def in_document(text: str) -> str:
    """Return the table that the document holds."""
    return text.partition(_BEGIN)[2].partition(_END)[0]


def main() -> int:
    """Write the table, if every test of the suite has passed; else say which has not."""
    missing = [f"{c.name}: {p.value}" for c in CASES for p in Promise if not passed(c, p)]
    if missing:
        print("The table stays as it is; not shown by a test that passed:", *missing, sep="\n- ")
        return 1
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(text.replace(in_document(text), table(CASES)))
    return 0


def _row(first: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def _cell(case: Case, promise: Promise, reasons: list[str]) -> str:
    reason = case.program.cannot.get(promise)
    if reason is None:
        return "yes"
    note = f"`{case.name}`: {reason}"
    if note not in reasons:
        reasons.append(note)
    return f"no ({reasons.index(note) + 1})"


if __name__ == "__main__":
    sys.exit(main())
