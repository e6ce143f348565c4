"""Bells: hints, sent after a commit, that there may be work.

A bell carries no state. A lost, late or doubled one is harmless: the periodic pass finds the same
rows. These names are the only vocabulary that web and worker share over Celery.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

#: Prefix of every key of the broker, shared by senders and workers.
BROKER_KEY_PREFIX: Final = "hephaestus:"

#: How a sender of bells speaks to the broker. No transaction and no pass waits long for one that
#: hangs, since a lost bell is harmless.
SENDER_OPTIONS: Final = {
    "global_keyprefix": BROKER_KEY_PREFIX,
    "socket_timeout": 1.0,
    "socket_connect_timeout": 1.0,
    "retry_on_timeout": False,
    "max_retries": 0,
}

#: Bells in one queue from which on no more are sent to it. Nobody hears them, or not fast enough:
#: those that wait say it already. They do not expire: a sender's clock may be wrong.
MOST_WAITING: Final = 200

#: Queue of all workers, for work that any of them can do.
CONTROL_QUEUE: Final = "control"


def host_queue(host: str) -> str:
    """Return the name of the dedicated queue of ``host``."""
    return f"host.{host}"


class CeleryTaskName:
    """Names of all Celery tasks."""

    RECONCILE_HOST: Final = "host.reconcile"
    RECONCILE_HOSTS: Final = "hosts.reconcile"
    DELETE_ON_HOSTS: Final = "hosts.delete"
    DELETE_ON_HOST: Final = "host.delete"
    CHECKPOINT_HOSTS: Final = "hosts.checkpoint"
    CHECKPOINT_HOST: Final = "host.checkpoint"
    START_AGENT: Final = "agent.start"
    FINISH_AGENT: Final = "agent.finish"
    CHECKPOINT_AGENT: Final = "agent.checkpoint"
    DELIVER_MESSAGES: Final = "agent.deliver_messages"
    SEND_CANARIES: Final = "hosts.canary"
    CANARY: Final = "host.canary"
    EXPIRE_LEASES: Final = "leases.expire"
    GUARDIAN_SWEEP: Final = "guardian.sweep"
    OBSERVE_HOST: Final = "host.observe"
    OBSERVE_AGENT: Final = "agent.observe"
    EXPIRE_QUESTIONS: Final = "questions.expire"
    AUDIT_SWEEP: Final = "audit.sweep"
    LLM_SWEEP: Final = "llm.sweep"
    FORGET_MEMORIES: Final = "memories.forget"
    MAKE_VECTORS: Final = "vectors.make"
    NOTIFY: Final = "notifications.send"
    SHARE_OUTPUT: Final = "host.share_output"
    TEND_ORPHANS_OF_HOSTS: Final = "hosts.tend_orphans"
    TEND_ORPHANS: Final = "host.tend_orphans"
    TIDY_HOSTS: Final = "hosts.tidy"
    TIDY_HOST: Final = "host.tidy"


@dataclass(frozen=True)
class Bell:
    """One Celery message to send: a task name, a queue, and ids."""

    name: str
    queue: str
    args: tuple[str, ...] = ()


#: Sends bells. It must not block or raise, since the commit has happened.
Ringer = Callable[[list[Bell]], None]


def reconcile_bell(host: str) -> Bell:
    """Return the bell that makes ``host`` look at its rows now."""
    return Bell(CeleryTaskName.RECONCILE_HOST, host_queue(host))


def start_bell(host: str, agent_id: UUID) -> Bell:
    """Return the bell that makes ``host`` start an agent that it has claimed."""
    return Bell(CeleryTaskName.START_AGENT, host_queue(host), (str(agent_id),))


def delivery_bell(host: str, agent_id: UUID) -> Bell:
    """Return the bell that makes ``host`` deliver an agent's messages."""
    return Bell(CeleryTaskName.DELIVER_MESSAGES, host_queue(host), (str(agent_id),))
