"""A snapshot for the terminal interface, read from the API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.attention_views import Inbox
from hephaestus_sdk.api.views import Queue, Task, Workflow
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.tui import agents, inbox, tasks, workflows
from hephaestus_sdk.tui.rows import Row

_WORKFLOWS: Final = 100
_TASKS: Final = 200


@dataclass(frozen=True)
class Snapshot:
    """What waits, the newest workflows and tasks, the live agents, and the head of the queue."""

    inbox: Inbox = field(default_factory=Inbox)
    workflows: tuple[Workflow, ...] = ()
    tasks: tuple[Task, ...] = ()
    agents: tuple[Agent, ...] = ()
    queue: Queue = field(default_factory=Queue)

    def rows(self, noun: str) -> Iterator[Row]:
        """Return the rows of one of the lists."""
        if noun == "inbox":
            return inbox.rows(self.inbox.items)
        if noun == "workflows":
            return workflows.rows(self.workflows)
        if noun == "agents":
            return agents.rows(self.agents)
        if noun == "queue":
            return tasks.rows(self.queue.items, queued=True)
        return tasks.rows(self.tasks)

    def count(self, noun: str) -> int:
        """Return the number that a tab has beside its name."""
        counts = self.inbox.counts
        return {
            "inbox": len(self.inbox.items),
            "workflows": len(self.workflows),
            "tasks": len(self.tasks),
            "agents": counts.at_work,
            "queue": self.queue.queued,
        }[noun]


def take(client: HephaestusClient) -> Snapshot:
    """Read a snapshot."""
    return Snapshot(
        client.inbox(),
        tuple(client.workflows(limit=_WORKFLOWS)),
        tuple(client.tasks(limit=_TASKS)),
        tuple(client.agents()),
        client.queue(),
    )
