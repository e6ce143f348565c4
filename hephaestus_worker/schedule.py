"""The schedule of beat. A bell that nobody hears in time expires."""

from typing import Any

from hephaestus_core.bells import CONTROL_QUEUE, CeleryTaskName
from hephaestus_core.settings.config import Settings


def beat_schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return beat's table: each entry's Celery task and its period in seconds."""
    periods = {
        # every live host agrees with the database
        CeleryTaskName.RECONCILE_HOSTS: settings.reconcile_seconds,
        # silent hosts lose their attempts
        CeleryTaskName.EXPIRE_LEASES: settings.heartbeat_seconds,
        # another host can go on from the saved work of live agents
        CeleryTaskName.CHECKPOINT_HOSTS: 60.0,
        # the Guardian looks at every live agent
        CeleryTaskName.GUARDIAN_SWEEP: float(settings.monitoring_interval),
        # old entries of the audit log are deleted
        CeleryTaskName.AUDIT_SWEEP: 3600.0,
        # mirrors are packed, old logs deleted
        CeleryTaskName.TIDY_HOSTS: 6 * 3600.0,
    }
    return {
        name: {
            "task": name,
            "schedule": period,
            "options": {"queue": CONTROL_QUEUE, "expires": max(period, 5.0)},
        }
        for name, period in periods.items()
    }
