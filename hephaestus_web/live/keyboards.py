"""The keyboards of agents over Socket.IO: somebody takes one, types, and gives it back.

Keys go to the agent's host through Redis; the host asks the database whether they may reach the
agent. Without Redis nobody can type.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import redis
from flask import request
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.access.audit import Deed, record
from hephaestus_core.access.rules import Scope
from hephaestus_core.access.service import Person
from hephaestus_core.contract.errors import Conflict, HephaestusError, InvalidInput, Unavailable
from hephaestus_core.db.engine import Database
from hephaestus_core.logging import log_event
from hephaestus_core.terminals import keyboards, wire
from hephaestus_web.access.auth import Access, Need, refuse_unless_allowed
from hephaestus_web.errors import status_of

_log = logging.getLogger(__name__)

#: Whoever may write to agents may type for them.
ACCESS: Final = Access(Need.OPERATOR, Scope.AGENTS)
#: Seconds between two renewals by keys.
_RENEWAL_SECONDS: Final = 10.0
_LOST: Final = "The keyboard is not yours any more; take it again."


@dataclass
class _Held:
    hold: keyboards.Hold
    renewed_at: float


class Keyboards:
    """The keyboards that clients of this process have.

    Args:
        client: of the broker's server; None where none is configured.
        person: returns who is connected, by the id of the connection.
    """

    def __init__(
        self, database: Database, client: redis.Redis | None, person: Callable[[str], Person]
    ) -> None:
        self._database = database
        self._redis = client
        self._person = person
        self._held: dict[tuple[str, UUID], _Held] = {}

    def take(self, sid: str, agent_id: UUID) -> dict[str, Any]:
        """Give a client the keyboard of an agent; the audit log names the person.

        Raises:
            Forbidden, Conflict, NotFound, Unauthenticated: they may not have it.
        """
        person = self._person(sid)
        try:
            refuse_unless_allowed(person, ACCESS)
            hold = keyboards.take(self._database, agent_id, by=person.name)
        except HephaestusError as error:
            self._note(person, "take", agent_id, status_of(error))
            raise
        self._note(person, "take", agent_id, HTTPStatus.OK)
        self._held[sid, agent_id] = _Held(hold, time.monotonic())
        return {"seconds": keyboards.HELD_FOR.total_seconds()}

    def press(self, sid: str, agent_id: UUID, text: object) -> dict[str, Any]:
        """Send what a client has typed to the agent's host.

        Raises:
            Conflict: the keyboard is not theirs any more.
            Forbidden, Unauthenticated: they may no longer type.
            InvalidInput: it is no text, or too long.
            Unavailable: Redis is away.
        """
        refuse_unless_allowed(self._person(sid), ACCESS)
        keys = text.encode("utf-8", "replace") if isinstance(text, str) else b""
        if not 0 < len(keys) <= wire.KEYS_BYTES:
            raise InvalidInput(f"Send 1 to {wire.KEYS_BYTES} bytes of keys.", field="text")
        held = self._held.get((sid, agent_id))
        if held is None or not self._renew(held):
            self._held.pop((sid, agent_id), None)
            raise Conflict(_LOST)
        self._order(held.hold, keys)
        return {}

    def release(self, sid: str, agent_id: UUID | None = None) -> None:
        """Give one keyboard of a client back, or all."""
        # A copy: others take and release keyboards meanwhile.
        mine = [key for key in list(self._held) if key[0] == sid and agent_id in (None, key[1])]
        # None is kept if the database is away: nobody would look for it again.
        for held in [self._held.pop(key, None) for key in mine]:
            if held is not None:
                keyboards.release(self._database, held.hold)

    def note_release(self, sid: str, agent_id: UUID) -> dict[str, Any]:
        """Give a keyboard back because its person says so; the audit log names them."""
        person = self._person(sid)
        self.release(sid, agent_id)
        self._note(person, "release", agent_id, HTTPStatus.OK)
        return {}

    def _renew(self, held: _Held) -> bool:
        now = time.monotonic()
        if now - held.renewed_at < _RENEWAL_SECONDS:
            return True
        held.renewed_at = now
        return keyboards.renew(self._database, held.hold)

    def _order(self, hold: keyboards.Hold, keys: bytes) -> None:
        if self._redis is None:
            raise Unavailable("Nobody can type without Redis; set redis_url.")
        key = wire.orders_key(hold.host)
        entry: Any = {
            "agent": str(hold.agent_id),
            "keys": keys,
            "hold": str(hold.id),
            "fence": hold.fence,
        }
        try:
            self._redis.xadd(key, entry, maxlen=wire.STREAM_ORDERS)
            self._redis.expire(key, wire.STREAM_SECONDS)
        except RedisError as error:
            raise Unavailable("Redis does not answer; the keys are lost.") from error

    def _note(self, person: Person, act: str, agent_id: UUID, status: int) -> None:
        deed = Deed(
            actor=person.name,
            role=person.role,
            action=f"keyboards.{act}",
            target={"agent_id": str(agent_id)},
            address=request.remote_addr or "",
            status=status,
        )
        try:
            record(self._database, deed)
        except SQLAlchemyError:
            log_event(_log, "audit record not written", level=logging.ERROR, **vars(deed))
