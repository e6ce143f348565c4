"""Answers to bells about vectors: parse, call one function, report."""

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.vectors.store import BELL
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.MAKE_VECTORS)
def make_vectors(machine: Machine) -> None:
    """Make the vectors that texts lack; a second delivery finds none missing."""
    if machine.vectors.make():
        machine.send(BELL)
