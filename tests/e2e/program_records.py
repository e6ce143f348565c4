"""Records of what real programs did in runs through the product, kept in ``tests/data/programs``.

The tests of real programs write them where ``RECORD_PROGRAMS`` is set (``make programs``). The
table in the documentation is made of them, see ``program_table.py``.
"""

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / "data" / "programs"
_WANTED: Final = "RECORD_PROGRAMS"


class Situation(StrEnum):
    """What a program was brought into."""

    PERMISSION = "permission"
    QUESTION = "question"
    PLAN = "plan"
    DIALOG = "dialog"
    CONTEXT = "context"
    KEY = "key"
    LIMIT = "limit"


@dataclass(frozen=True)
class Record:
    """What a test saw of one program in one situation.

    ``seconds``: until that was noticed and settled, on the machine that recorded it; None: nothing
    had to be.
    """

    program: str
    version: str
    situation: Situation
    outcome: str
    seconds: float | None = None


def keep(record: Record) -> None:
    """Write the record, if this run is to record."""
    if os.environ.get(_WANTED):
        rounded = None if record.seconds is None else round(record.seconds, 1)
        name = f"{record.program}-{record.situation}.json"
        text = json.dumps({**asdict(record), "seconds": rounded}, indent=2)
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / name).write_text(text + "\n")


def kept() -> list[Record]:
    """Return all records, in the order of their names."""
    return [_record(path) for path in sorted(FOLDER.glob("*.json"))]


def _record(path: Path) -> Record:
    found = json.loads(path.read_text())
    return Record(**{**found, "situation": Situation(found["situation"])})
