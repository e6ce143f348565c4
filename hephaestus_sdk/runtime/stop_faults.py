"""What a stop could not do, kept from whoever stops the stack for whoever asked for it."""

from pathlib import Path

from hephaestus_sdk.runtime import private_files
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.last_lines import last_lines


def note(home: Home, name: str, log: Path) -> None:
    """Keep that a process which runs at the stop has failed, with the last line of its log."""
    said = " ".join(last_lines(log, 1)) or "it wrote nothing"
    text = f"The stack is stopped, but '{name}' could not end all: {said} (see {log})"
    private_files.write(home.stop_fault_file, text)


def forget(home: Home) -> None:
    """Forget what an earlier stop could not do."""
    home.stop_fault_file.unlink(missing_ok=True)


def found(home: Home) -> str | None:
    """Return what the stop that has just ended could not do, in one line; None if it did all."""
    try:
        return home.stop_fault_file.read_text()
    except FileNotFoundError:
        return None
