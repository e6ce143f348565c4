"""Counts of wrong tokens per address, for all web processes together.

Postgres counts, so that the limit holds across processes and without Redis. There is a row for each
door and address with a wrong token within the last hour or so.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Final, Literal

from sqlalchemy import text

from hephaestus_core.db.engine import Database

Door = Literal["login", "api"]

#: Most wrong tokens of an address within :data:`WINDOW`.
LIMITS: Final[dict[Door, int]] = {"login": 10, "api": 120}
WINDOW: Final = timedelta(minutes=1)
#: Prefix of the IPv6 network that one customer of a provider usually has.
_IPV6_PREFIX: Final = 64

_COUNT: Final = text("""
    INSERT INTO wrong_tokens AS known (door, address, number, since)
    VALUES (:door, :address, 1, now())
    ON CONFLICT (door, address) DO UPDATE SET
        number = CASE WHEN known.since < now() - :window THEN 1 ELSE known.number + 1 END,
        since = CASE WHEN known.since < now() - :window THEN now() ELSE known.since END
    RETURNING number, extract(epoch FROM since + :window - now())::float AS seconds_left
""")


@dataclass(frozen=True)
class Failures:
    """The count of an address in the current window."""

    number: int
    seconds_left: float
    """Time until the window ends and counting starts again."""


def count(db: Database, door: Door, address: str) -> Failures:
    """Count one more wrong token of this address."""
    values = {"door": door, "address": block_of(address), "window": WINDOW}
    with db.transaction() as session:
        row = session.execute(_COUNT, values).one()
    return Failures(row.number, row.seconds_left)


def block_of(address: str) -> str:
    """Return the key of an address; an IPv6 address counts by its /64 network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4 or parsed.ipv4_mapped:  # noqa: PLR2004 - IPv4
        return str(parsed if parsed.version == 4 else parsed.ipv4_mapped)  # noqa: PLR2004
    return str(ip_network((parsed, _IPV6_PREFIX), strict=False))
