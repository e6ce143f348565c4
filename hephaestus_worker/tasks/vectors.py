"""Answers to bells about vectors: parse, call one function, report."""

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.contract.llm import CallKind
from hephaestus_core.indexing.noting import note_changed
from hephaestus_core.vectors.store import BELL
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.MAKE_VECTORS)
def make_vectors(machine: Machine) -> None:
    """Note what was saved, and make the vectors that are missing; a second delivery finds none."""
    # Nothing but a model's judgement of duplicates looks at the vectors of tasks.
    with_tasks = machine.llm.can_ask(CallKind.DUPLICATE_JUDGE)
    left = note_changed(machine.db, with_tasks=with_tasks)
    if machine.vectors.make() or left:
        machine.send(BELL)
