"""Answers to bells about models: parse, call one function, report."""

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.llm import keeping
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.LLM_SWEEP)
def sweep_calls(machine: Machine) -> None:
    """Replace the records of calls that are past their time by their sums."""
    keeping.sweep(machine.db, days=machine.settings.llm_calls_days)
