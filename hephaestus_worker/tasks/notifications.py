"""Answers to bells about notifications: parse, call one function, report."""

from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.notifications.sending import notify
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.NOTIFY)
def notify_channels(machine: Machine) -> None:
    """Tell channels what waits for people; a second delivery finds nothing untold."""
    notify(machine)
