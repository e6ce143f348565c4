"""The table for people and the file for programs."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.rows import Row, rounded

_HEAD = ("measure", "value", "target", "", "samples")


def table(rows: Mapping[str, Row]) -> str:
    """Return the rows as an aligned table with a header."""
    cells = [_HEAD, *(_cells(name, row) for name, row in rows.items())]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def save(rows: Mapping[str, Row], file: Path) -> None:
    """Write the rows to the file; rows of measures that did not run stay unchanged."""
    known = _known(file)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for name, row in rows.items():
        entry = row.as_json()
        entry["raw"] |= {"measured_at": now, "machine": _machine()}
        known[name] = entry
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known, indent=1) + "\n")


def _known(file: Path) -> dict[str, Any]:
    try:
        known = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _cells(name: str, row: Row) -> tuple[str, ...]:
    value = f"{rounded(row.value):g} {row.unit}"
    verdict = "ok" if row.ok else "MISSED"
    return name, value, f"{row.target} {row.unit}", verdict, str(row.samples)


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
