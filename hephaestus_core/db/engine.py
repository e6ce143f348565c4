"""The database of one process, and the transaction that each use case opens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from hephaestus_core.bells import Bell, Ringer
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.db import stale_connections
from hephaestus_core.db.deadlines import timed_connection
from hephaestus_core.settings.database_url import with_driver

#: Seconds for an answer of the database; its own limit for a statement, below, is less.
ANSWER_SECONDS: Final = 20.0
#: The errors of a database that is away or busy: the same call may succeed later.
AWAY: Final = (OperationalError, InterfaceError, PoolTimeout)

_BELLS: Final = "hephaestus.bells"
_LAST: Final = "hephaestus.last"
_NOW: Final = "hephaestus.now"


class Database:
    """PostgreSQL as one process sees it: pools of connections and a ringer of bells.

    Args:
        url: of a PostgreSQL server, ``postgresql://…``.
        ringer: sends bells after a commit; without one no bells are sent.
        connections: most connections at once, at least 2, some of which only reads may use. Callers
            beyond that wait for one, for at most 10 s.
        answer_seconds: a connection on which an answer takes longer is closed.
    """

    def __init__(
        self,
        url: str,
        *,
        ringer: Ringer | None = None,
        connections: int = 10,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        for_reads = max(1, connections * 2 // 5)
        self.engine = _engine(url, connections - for_reads, answer_seconds)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        # Autocommit saves reads their BEGIN and ROLLBACK: two of four round trips. They have a pool
        # of their own, since a switched connection is lost from its pool when the server goes
        # away in between.
        self._reading = _engine(url, for_reads, answer_seconds, isolation_level="AUTOCOMMIT")
        self._reading_sessions = sessionmaker(self._reading, expire_on_commit=False)
        self._ringer = ringer

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open the one transaction of a use case; commit at the end, roll back on an error.

        Calls registered by :func:`write_last` come last; bells go out after the commit.
        Nothing inside may touch the network, git or tmux.
        """
        with self._sessions() as session:
            with session.begin():
                yield session
                session.flush()
                for write in session.info.pop(_LAST, {}):
                    write(session)
            self._ring(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for reads that need no transaction of their own."""
        with self._reading_sessions() as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a session whose reads all see the same moment."""
        with self._sessions() as session:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield session

    def drop_idle(self) -> None:
        """Close the connections that nobody uses now: the way to the database may have changed."""
        self.engine.dispose()
        self._reading.dispose()

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()
        self._reading.dispose()

    def _ring(self, session: Session) -> None:
        bells: list[Bell] = session.info.pop(_BELLS, [])
        if bells and self._ringer is not None:
            self._ringer(list(dict.fromkeys(bells)))


def write_last(session: Session, write: Callable[[Session], None]) -> None:
    """Call ``write`` once, right before the open transaction commits."""
    session.info.setdefault(_LAST, {})[write] = None


def database_now(session: Session) -> datetime:
    """Return when the open transaction began, by the database's clock.

    Only that clock decides: those of hosts differ. The database is asked once per session.
    """
    now: datetime | None = session.info.get(_NOW)
    if now is None:
        now = session.info[_NOW] = session.scalars(select(func.now())).one()
    return now


def ring(session: Session, *bells: Bell) -> None:
    """Send ``bells`` once the open transaction has committed."""
    session.info.setdefault(_BELLS, []).extend(bells)


def _engine(url: str, pool_size: int, answer_seconds: float, **options: Any) -> Engine:
    engine = create_engine(
        with_driver(url),
        pool_size=pool_size,
        max_overflow=0,
        # The newest connection first: it needs no question whether it still lives.
        pool_use_lifo=True,
        pool_timeout=10,
        connect_args={
            "connection_factory": timed_connection(answer_seconds),
            "application_name": "hephaestus",
            # A frozen or disconnected process holds the locks of its transaction until the last of
            # these limits. No transaction here is idle for that long.
            "options": "-c lock_timeout=10s -c statement_timeout=15s "
            "-c idle_in_transaction_session_timeout=8s "
            # Times do not depend on the time zone of the server.
            "-c timezone=UTC "
            # A search within a scope goes on until it has enough rows of that scope.
            "-c hnsw.iterative_scan=relaxed_order "
            # With the 40 of the extension it misses the very same text among some thousand others.
            "-c hnsw.ef_search=200",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            # Milliseconds for what was sent to be received at all: after a change of the address of
            # either side it never is.
            "tcp_user_timeout": 10_000,
        },
        **options,
    )
    event.listen(engine, "handle_error", _refuse_unstorable)
    stale_connections.replace_before_use(engine)
    return engine


def _refuse_unstorable(failed: ExceptionContext) -> None:
    """Turn the driver's refusal of a NUL or a lone surrogate into InvalidInput.

    The doors refuse such values with the field's name; this catches the rest.

    Raises:
        InvalidInput: the driver refused a value before it asked the server.
    """
    sending = failed.execution_context is not None
    if sending and isinstance(failed.original_exception, ValueError):
        raise InvalidInput(
            "A value contains a NUL or half of a character (a lone surrogate); remove it."
        ) from failed.original_exception
