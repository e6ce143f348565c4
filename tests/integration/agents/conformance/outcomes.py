"""What came of each test of the suite, one file a program and promise, for the table."""

import json
from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.base import Promise
from tests.integration.agents.conformance.cases import Case

FOLDER: Final = Path(__file__).parents[4] / "build" / "conformance"


def record(case: Case, promise: Promise, outcome: str) -> None:
    """Keep the newest outcome: ``passed``, ``failed`` or ``skipped``."""
    reason = case.program.cannot.get(promise)
    found = {"version": case.version, "outcome": outcome, "cannot": reason}
    path = FOLDER / case.name / f"{promise.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found))
