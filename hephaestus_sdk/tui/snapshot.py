"""A snapshot for the terminal interface, read from the API."""

from dataclasses import dataclass

from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.views import Task, Workflow
from hephaestus_sdk.client import HephaestusClient

_WORKFLOWS = 50
_TASKS = 200


@dataclass(frozen=True)
class Snapshot:
    """The newest workflows and tasks, and the live agents."""

    workflows: tuple[Workflow, ...] = ()
    tasks: tuple[Task, ...] = ()
    agents: tuple[Agent, ...] = ()


def take(client: HephaestusClient) -> Snapshot:
    """Read a snapshot."""
    return Snapshot(
        tuple(client.workflows(limit=_WORKFLOWS)),
        tuple(client.tasks(limit=_TASKS)),
        tuple(client.agents()),
    )
