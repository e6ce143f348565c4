"""Answers to bells about questions: parse, call one function, report."""

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.questions import service
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.EXPIRE_QUESTIONS)
def expire_questions(machine: Machine) -> None:
    """Let questions expire that nobody has answered in time."""
    service.expire(machine.db)
