"""Sharing the terminal output of this host's agents with other machines, on request."""

from pathlib import Path

from hephaestus_core.agents import outputs
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_worker.host.machine import Machine


def share_outputs(machine: Machine, *, most: int = outputs.TAIL_BYTES) -> None:
    """Answer all requests for the output of this host's agents with its last ``most`` bytes."""
    for wanted in outputs.wanted_on(machine.db, machine.name):
        start, tail = _added(machine.folders.agent(wanted.agent_id), wanted.size, most)
        outputs.share(machine.db, wanted.agent_id, start=start, tail=tail, complete=wanted.ended)


def _added(folder: Path, known: int, most: int) -> tuple[int | None, bytes | None]:
    """Return the offset of a log's last bytes, and the bytes; None if its size is ``known``."""
    with agent_files.opened(folder, PANE_LOG) as file:
        size = known if file is None else file.seek(0, 2)
        if file is None or size == known:
            return None, None
        start = file.seek(max(0, size - most))
        return start, file.read(most)
