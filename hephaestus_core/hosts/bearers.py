"""The one live worker that bears a host's name.

Two workers under one name would end each other's agents. A worker bears its name for as long as
the host's lease is renewed. It also holds a lock in its home, and no earlier worker with that very
lock can be alive. So a worker that was killed comes back at once, while one with another home waits
for the end of the lease.
"""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import HostNameTaken
from hephaestus_core.hosts.bearer import Bearer
from hephaestus_core.hosts.models import Host


def take_name(session: Session, host: Host, bearer: Bearer) -> None:
    """Give the locked host's name to this worker, unless another one may be alive.

    Raises:
        HostNameTaken: another one holds another lock, and the lease has not expired.
    """
    if host.worker_id not in {None, bearer.id} and host.worker_place != bearer.place:
        in_time = select(func.now() < host.lease_expires_at)
        if session.scalar(in_time):
            raise _taken(host)
    host.worker_id, host.worker_place = bearer.id, bearer.place


def check_name(host: Host, worker_id: UUID) -> None:
    """Check that the worker still bears the host's name.

    Raises:
        HostNameTaken: another one has taken it.
    """
    if host.worker_id != worker_id:
        raise _taken(host)


def _taken(host: Host) -> HostNameTaken:
    return HostNameTaken(
        f"Another worker bears the host name {host.name!r} and was last seen at "
        f"{host.last_seen_at:%Y-%m-%d %H:%M:%S %Z}. Give each worker a home and a name of its own: "
        "set HEPHAESTUS_HOST_NAME, or delete host/name in a copied home.",
        field="host_name",
        details={"seen_at": host.last_seen_at.isoformat()},
    )
