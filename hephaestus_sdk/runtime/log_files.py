"""Reads the logs of a stack; each start has a folder of its own."""

import time
from collections.abc import Iterator
from pathlib import Path

from hephaestus_core.contract.errors import NotFound
from hephaestus_sdk.runtime.errors import NotRunning
from hephaestus_sdk.runtime.home import Home, read_json
from hephaestus_sdk.runtime.last_lines import last_lines

#: Seconds between two reads of followed files.
_LOOK_AGAIN = 0.2


def newest(home: Path, name: str | None = None) -> list[Path]:
    """Return the log files of the newest start, or the one of a process.

    Raises:
        NotRunning: there are none.
        NotFound: there is none of that name.
    """
    folder = _newest_folder(Home(home))
    files = sorted(folder.glob("*.log")) if folder else []
    if not files:
        raise NotRunning(f"There are no logs in {home}; start the stack first: `start()`.")
    if name is None:
        return files
    chosen = [file for file in files if file.stem == name]
    if not chosen:
        names = ", ".join(file.stem for file in files)
        raise NotFound(f"There is no log of '{name}' in {folder}; there are: {names}.")
    return chosen


def _newest_folder(home: Home) -> Path | None:
    """Return the log folder of the running stack, else of the last one.

    A start may name another folder, so the record of the launch comes first.
    """
    launched = read_json(home.launch_file).get("log_dir")
    if launched is not None and Path(launched).is_dir():
        return Path(launched)
    # By age: the suffix of a second start within one second does not sort.
    return max(home.logs.glob("session-*"), key=lambda f: f.stat().st_mtime, default=None)


def lines(files: list[Path], *, count: int, follow: bool) -> Iterator[tuple[Path, str]]:
    """Yield the last ``count`` lines of each file, then, if asked, all new ones."""
    sizes = {file: file.stat().st_size for file in files}
    for file in files:
        yield from ((file, line) for line in last_lines(file, count))
    while follow:
        time.sleep(_LOOK_AGAIN)
        for file in files:
            sizes[file], new = _written_since(file, sizes[file])
            yield from ((file, line) for line in new)


def _written_since(file: Path, position: int) -> tuple[int, list[str]]:
    """Return the whole lines behind ``position`` (bytes), and where they end."""
    with file.open("rb") as stream:
        stream.seek(position)
        whole, newline, _ = stream.read().rpartition(b"\n")
    text = whole.decode(errors="replace")
    return position + len(whole) + len(newline), text.splitlines()
