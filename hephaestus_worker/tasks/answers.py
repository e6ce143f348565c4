"""Answers to bells: what is done when a Celery task arrives, by the host's own crew of threads.

A Celery task only hands its bell over. So the host does the same by itself when no bell comes,
and no long work keeps Celery from hearing the next one.
"""

from collections.abc import Callable
from typing import Final

from celery import shared_task

from hephaestus_worker.host.machine import Machine
from hephaestus_worker.process import current

Answer = Callable[..., None]

#: The answers by the name of the Celery task.
ANSWERS: Final[dict[str, Answer]] = {}


def answers(name: str) -> Callable[[Answer], Answer]:
    """Declare a function the answer to the Celery task ``name``.

    It is called with the machine and the ids of the bell.
    """

    def declare(answer: Answer) -> Answer:
        ANSWERS[name] = answer

        @shared_task(name=name)
        def hear(*ids: str) -> None:
            current().hear(name, *ids)

        return answer

    return declare


def answer(machine: Machine, name: str, ids: tuple[str, ...]) -> None:
    """Do what the bell is for."""
    ANSWERS[name](machine, *ids)
