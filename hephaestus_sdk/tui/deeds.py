"""What the keys do to the chosen thing: pure decisions; nothing here asks or calls by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.attention import Act
from hephaestus_sdk.acting import TEXT_OF, perform
from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.attention_views import AttentionItem
from hephaestus_sdk.api.views import Task, Workflow
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.tui.rows import Row


@dataclass(frozen=True)
class Deed:
    """An act, and what the person is asked before it."""

    call: Callable[[HephaestusClient, str], str]
    """Does it with the person's text; returns in words what was done."""
    confirm: str = ""
    """A question to be answered by yes or no first."""
    ask: str = ""
    """A text that is needed."""


@dataclass(frozen=True)
class CannotBe:
    """Why a key does nothing to a thing."""

    reason: str


Decision = Deed | CannotBe


def stop(row: Row) -> Decision:
    """Stop an agent, a task or a workflow; of the inbox, call off what waits."""
    thing = row.thing
    if isinstance(thing, AttentionItem):
        return _offered(thing, row, Act.CANCEL, Act.STOP, Act.DISMISS)
    if isinstance(thing, Agent):
        return Deed(
            lambda client, _: f"the agent is {client.stop_agent(thing.id).status}",
            confirm=f"Stop the agent of {row.name}? Its work is saved, and its task fails until "
            "it is restarted.",
        )
    if isinstance(thing, Workflow):
        return Deed(
            lambda client, _: f"{row.name} is {client.stop_workflow(thing.id).status}",
            confirm=f"Stop {row.name} with all of its tasks? What is finished is kept.",
        )
    return Deed(
        lambda client, _: f"{row.name} is {client.cancel_task(thing.id).status}",
        confirm=f"Cancel {row.name}? Its agent is stopped, and its work is kept.",
    )


def approve(row: Row) -> Decision:
    """Approve the work of a workflow; of the inbox, decide what waits in its favour."""
    thing = row.thing
    if isinstance(thing, AttentionItem):
        return _offered(thing, row, Act.APPROVE, Act.PASS, Act.ANSWER)
    if isinstance(thing, Workflow):
        return Deed(
            lambda client, _: f"{client.approve_workflow(thing.id).title} is approved",
            confirm=f"Approve {row.name}? Its work goes on to {thing.base_branch}.",
        )
    return CannotBe("only a workflow, or what waits for you, can be approved")


def restart(row: Row) -> Decision:
    """Put an ended task back into the queue."""
    thing = row.thing
    if isinstance(thing, AttentionItem):
        return _offered(thing, row, Act.RESTART)
    if isinstance(thing, Task):
        return Deed(lambda client, _: f"{row.name} is {client.restart_task(thing.id).status}")
    return CannotBe("only an ended task can be restarted; tab 3 has the tasks")


def bump(row: Row) -> Decision:
    """Start a queued task at once."""
    if not isinstance(row.thing, Task):
        return CannotBe("only a queued task can be bumped; tab 5 has the queue")
    task_id = row.thing.id

    def call(client: HephaestusClient, _: str) -> str:
        client.bump_task(task_id)
        return f"{row.name} starts at once"

    return Deed(call)


def message(row: Row) -> Decision:
    """Send a text to an agent, or to all agents of a workflow."""
    agent_id, workflow_id = row.agent_id, row.workflow_id
    if agent_id is not None:

        def send(client: HephaestusClient, text: str) -> str:
            client.send_message(agent_id, text)
            return "the message is on its way"

        return Deed(send, ask=f"Message to the agent of {row.name}")
    if isinstance(row.thing, Workflow) and workflow_id is not None:

        def broadcast(client: HephaestusClient, text: str) -> str:
            return f"sent to {len(client.broadcast(workflow_id, text))} agents"

        return Deed(broadcast, ask=f"Message to all agents of {row.name}")
    return CannotBe("no agent is at it")


def offer(item: AttentionItem, row: Row, act: str) -> Deed:
    """Return one of the acts that an item of the inbox offers."""
    offered = next(each for each in item.acts if each.name == act)
    wanted = TEXT_OF.get(Act(act), "")
    options = "".join(f"\n{n}: {text}" for n, text in enumerate(offered.options, start=1))
    word = act.replace("_", " ").capitalize()
    needs_yes = act in _CONFIRMED
    return Deed(
        lambda client, text: perform(client, item, act, text),
        confirm=f"{word}: {row.name}?" if needs_yes else "",
        ask=f"{item.evidence}{options}\n\n{word}: {wanted}" if wanted else "",
    )


_CONFIRMED: Final = frozenset({Act.APPROVE, Act.CANCEL, Act.STOP, Act.DISMISS})


def _offered(item: AttentionItem, row: Row, *wanted: Act) -> Decision:
    names = [each.name for each in item.acts]
    for act in wanted:
        if act in names:
            return offer(item, row, act)
    possible = ", ".join(name.replace("_", " ") for name in names) or "nothing"
    return CannotBe(f"it offers: {possible}; Enter lists it")
