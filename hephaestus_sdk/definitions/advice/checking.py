"""All advice on a definition, with the lines of its file."""

from dataclasses import dataclass
from pathlib import Path

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_sdk.definitions.advice.faults import faults
from hephaestus_sdk.definitions.advice.texts import Finding
from hephaestus_sdk.definitions.advice.weak_spots import weak_spots


@dataclass(frozen=True)
class Advice:
    """A finding with its line."""

    level: str
    """``error`` or ``warning``."""
    place: str
    says: str
    file: str | None
    line: int | None
    """Counts from 1; None: the words stand in no file, or in several pieces."""


def advise(definition: WorkflowDefinition, target: str) -> list[Advice]:
    """Return the findings on a definition, errors first.

    Args:
        definition: loaded from ``target``.
        target: a file, whose lines are named; anything else has no lines.
    """
    path = Path(target.partition(":")[0])
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    found = [*faults(definition), *weak_spots(definition)]
    return [
        Advice(
            level="error" if each.is_error else "warning",
            place=each.place,
            says=each.says,
            file=str(path) if lines else None,
            line=_line(each, lines),
        )
        for each in sorted(found, key=lambda each: not each.is_error)
    ]


def _line(finding: Finding, lines: list[str]) -> int | None:
    quote = finding.quote.splitlines()[0] if finding.quote else ""
    if not quote:
        return None
    return next((n for n, line in enumerate(lines, start=1) if quote in line), None)
