"""What beat rings, and how often. A bell that nobody hears in time is dropped, not piled up."""

from typing import Any

from hephaestus_core.bells import CONTROL_QUEUE, CeleryTaskName
from hephaestus_core.settings.config import Settings


def beat_schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return beat's table: each entry's Celery task and its period in seconds."""
    periods = {
        # every live host makes itself agree with the database
        CeleryTaskName.RECONCILE_HOSTS: settings.reconcile_seconds,
        # hosts that fell silent lose their attempts
        CeleryTaskName.EXPIRE_LEASES: settings.heartbeat_seconds,
        # work of live agents is saved where another host can go on from it
        CeleryTaskName.CHECKPOINT_HOSTS: 60.0,
        # the Guardian looks at every live agent
        CeleryTaskName.GUARDIAN_SWEEP: float(settings.monitoring_interval),
        # the audit log is kept within its time
        CeleryTaskName.AUDIT_SWEEP: 3600.0,
        # mirrors are packed, logs of long ago deleted
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
