"""What came of each test of the suite, one file a program and promise, for the table."""

import json
from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.base import Promise
from tests.integration.agents.conformance.cases import Case

FOLDER: Final = Path(__file__).parents[4] / "build" / "conformance"


def record(case: Case, promise: Promise, outcome: str) -> None:
    """Keep the newest outcome: ``passed``, ``failed`` or ``skipped``."""
    path = _path(case, promise)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**_subject(case, promise), "outcome": outcome}))


def passed(case: Case, promise: Promise) -> bool:
    """Say whether the test of the promise passed with what the adapter says of it now."""
    path = _path(case, promise)
    if not path.exists():
        return False
    return bool(json.loads(path.read_text()) == {**_subject(case, promise), "outcome": "passed"})


def _subject(case: Case, promise: Promise) -> dict[str, str | None]:
    return {"version": case.version, "cannot": case.program.cannot.get(promise)}


def _path(case: Case, promise: Promise) -> Path:
    return FOLDER / case.name / f"{promise.name}.json"
