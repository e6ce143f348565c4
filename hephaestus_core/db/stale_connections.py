"""Whether a pooled connection still lives, mostly told without a question to the server.

SQLAlchemy's own check (``pool_pre_ping``) asks the server before each use: it was every fourth
statement of a start.
"""

import select
import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

#: Seconds for which a used connection counts as alive unless its socket says otherwise.
TRUSTED_SECONDS: Final = 2.0
_USED_AT: Final = "hephaestus.used_at"


def replace_before_use(engine: Engine) -> None:
    """Let the engine's pool replace connections that have died, before anybody uses them.

    A server that ended a connection has sent its farewell or closed the socket; both are seen
    without a question. Only a connection that rested for longer, or has unread input, is asked.
    """

    def note_use(_connection: Any, record: Any) -> None:
        record.info[_USED_AT] = time.monotonic()

    def check(connection: Any, record: Any, _proxy: Any) -> None:
        rested = time.monotonic() - record.info[_USED_AT]
        if rested < TRUSTED_SECONDS and not _has_input(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "connect", note_use)
    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", check)


def _has_input(connection: Any) -> bool:
    """Say whether something has come that no statement asked for, such as the end."""
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
