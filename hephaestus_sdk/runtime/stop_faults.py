"""Faults of a stop, written by the supervisor for the process that asked for the stop."""

from pathlib import Path

from hephaestus_sdk.runtime import private_files
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.last_lines import last_lines


def note(home: Home, name: str, log: Path) -> None:
    """Record that an ``at_stop`` process has failed, with the last line of its log."""
    said = " ".join(last_lines(log, 1)) or "it wrote nothing"
    text = f"The stack is stopped, but '{name}' could not end all: {said} (see {log})"
    private_files.write(home.stop_fault_file, text)


def forget(home: Home) -> None:
    """Forget the faults of an earlier stop."""
    home.stop_fault_file.unlink(missing_ok=True)


def found(home: Home) -> str | None:
    """Return the faults of the last stop in one line; None without any."""
    try:
        return home.stop_fault_file.read_text()
    except FileNotFoundError:
        return None
