"""The schedule: the bells that beat rings, and the work that each of them comes to on a host."""

from dataclasses import dataclass

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.hosts.rules import CANARY_SECONDS
from hephaestus_core.settings.config import Settings


@dataclass(frozen=True)
class Entry:
    """Something that happens again and again."""

    rung: str
    """The Celery task that beat rings, for any one worker."""
    done: str
    """The Celery task that each live host then does; the same if one host suffices."""
    seconds: float


def schedule(settings: Settings) -> tuple[Entry, ...]:
    """Return all entries."""
    names = CeleryTaskName
    return (
        # every live host agrees with the database
        Entry(names.RECONCILE_HOSTS, names.RECONCILE_HOST, settings.reconcile_seconds),
        # what people have deleted goes from the database and from all hosts
        Entry(names.DELETE_ON_HOSTS, names.DELETE_ON_HOST, 30.0),
        # silent hosts lose their attempts
        Entry(names.EXPIRE_LEASES, names.EXPIRE_LEASES, settings.heartbeat_seconds),
        # another host can go on from the saved work of live agents
        Entry(names.CHECKPOINT_HOSTS, names.CHECKPOINT_HOST, 60.0),
        # the Guardian looks at every live agent
        Entry(names.GUARDIAN_SWEEP, names.OBSERVE_HOST, float(settings.monitoring_interval)),
        # agents decide what nobody has answered
        Entry(names.EXPIRE_QUESTIONS, names.EXPIRE_QUESTIONS, 60.0),
        # it shows whether the queue of each host is consumed
        Entry(names.SEND_CANARIES, names.SEND_CANARIES, CANARY_SECONDS),
        # texts get the vectors that they lack
        Entry(names.MAKE_VECTORS, names.MAKE_VECTORS, 10.0),
        # channels are told what waits for people
        Entry(names.NOTIFY, names.NOTIFY, 5.0),
        # old entries of the audit log are deleted
        Entry(names.AUDIT_SWEEP, names.AUDIT_SWEEP, 3600.0),
        # old records of calls to models become sums
        Entry(names.LLM_SWEEP, names.LLM_SWEEP, 3600.0),
        # what no row claims is found, moved aside, later deleted
        Entry(names.TEND_ORPHANS_OF_HOSTS, names.TEND_ORPHANS, 300.0),
        # memories that nobody uses are forgotten
        Entry(names.FORGET_MEMORIES, names.FORGET_MEMORIES, 3600.0),
        # mirrors are packed, old logs deleted
        Entry(names.TIDY_HOSTS, names.TIDY_HOST, 6 * 3600.0),
    )
