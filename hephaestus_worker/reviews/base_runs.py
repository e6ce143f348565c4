"""Runs of all tests without the work: what failed before is not its fault.

Such a run is needed only where the tests of the work fail. Its outcome is kept on the host.
"""

import json
import os
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from hephaestus_worker.reviews.failed_tests import failed_tests
from hephaestus_worker.reviews.outcomes import named, readable
from hephaestus_worker.reviews.trees import SetupFailed
from hephaestus_worker.reviews.work import Work

#: Bytes of the output of all tests in which names are looked for.
SUITE_BYTES: Final = 1_048_576
#: Most outcomes that a host keeps; the one that was used longest ago goes first.
_MOST_KEPT: Final = 200
#: The statuses of a shell that could not start the command.
_CANNOT_RUN: Final = (126, 127)


@dataclass(frozen=True)
class SuiteRun:
    """The end of a run of all tests."""

    exit_status: int | None
    """None: it did not end by itself, or its tree could not be set up."""
    failed: frozenset[str]
    """The names of tests that failed; empty if the output names none."""


@dataclass(frozen=True)
class Comparison:
    """A failed run of the work's tests beside the run on its base."""

    is_older: bool
    """Nothing fails that did not fail before."""
    says: str
    """What is new or older, in words; empty if the base does not matter."""


def compared(now: SuiteRun, base: SuiteRun, *, proof: Collection[str] = ()) -> Comparison:
    """Compare a failed run with that of the base.

    Without names the exit statuses decide. A run that names none although the other does is taken
    for a new failure: it may not have come as far.

    Args:
        proof: the tests that the work itself is to make pass; they count as new.
    """
    if not base.exit_status or base.exit_status in _CANNOT_RUN or now.exit_status is None:
        return Comparison(is_older=False, says="")
    if not now.failed and not base.failed:
        same = now.exit_status == base.exit_status
        says = "It ended with the same status before this work, and its output names no tests."
        return Comparison(is_older=same, says=says if same else "")
    older = {each for each in now.failed & base.failed if not any(p in each for p in proof if p)}
    new = now.failed - older
    if not now.failed or (new and not older):
        return Comparison(is_older=False, says="")
    before = f"{_count(older)} failed before this work, too: {named(sorted(older))}."
    if not new:
        return Comparison(is_older=True, says=before)
    says = f"{_count(new)} failed that did not before this work: {named(sorted(new))}. Correct "
    return Comparison(is_older=False, says=f"{says}them. {before} Leave these.")


def run_of_base(work: Work, command: str, *, timeout: int) -> SuiteRun:
    """Return the outcome of the command on the base of the work, a kept one if there is one.

    Raises:
        Stopped: the run was asked to stop.
        RepositoryError: git cannot make the tree.
    """
    file = work.ground.base_runs / f"{_key(work, command, timeout)}.json"
    known = _read(file)
    if known is not None:
        return known
    try:
        ended = work.base_tree.run(command, timeout=timeout, most=SUITE_BYTES)
        run = SuiteRun(ended.exit_status, failed_tests(readable(ended.output)))
    except SetupFailed:
        run = SuiteRun(None, frozenset())
    _keep(file, run)
    return run


def _key(work: Work, command: str, timeout: int) -> str:
    """Return a name for all that decides how such a run ends."""
    ground = work.ground
    said: Mapping[str, Any] = {
        "commit": work.suite_base,
        "command": command,
        "timeout": timeout,
        "setup": work.setup_command,
        "folder": work.working_directory,
        "submodules": work.submodules_of,
        "environment": dict(ground.environment),
        "contained": ground.enclosure.holds_files,
        "reach": [str(each) for each in (*ground.readable, *ground.writable)],
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _read(file: Path) -> SuiteRun | None:
    try:
        known = json.loads(file.read_bytes())
        os.utime(file)
        return SuiteRun(known["exit_status"], frozenset(known["failed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it was never run, or what is kept of it is broken


def _keep(file: Path, run: SuiteRun) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"exit_status": run.exit_status, "failed": sorted(run.failed)})
    handle, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as writing:
        writing.write(text)
    Path(name).replace(file)
    for old in _oldest(file.parent):
        with suppress(FileNotFoundError):  # another run has deleted it
            old.unlink()


def _oldest(folder: Path) -> list[Path]:
    def used(file: Path) -> float:
        with suppress(FileNotFoundError):
            return file.stat().st_mtime
        return 0.0

    return sorted(folder.iterdir(), key=used)[:-_MOST_KEPT]


def _count(names: Collection[str]) -> str:
    return "1 test" if len(names) == 1 else f"{len(names)} tests"
