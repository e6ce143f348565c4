"""What the terminal interface shows at one moment, read from the API in one go."""

from dataclasses import dataclass

from hephaestus_sdk.api.views import Agent, Task, Workflow
from hephaestus_sdk.client import HephaestusClient

_WORKFLOWS = 50
_TASKS = 200


@dataclass(frozen=True)
class Snapshot:
    """The newest workflows and tasks, and the agents at work."""

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
