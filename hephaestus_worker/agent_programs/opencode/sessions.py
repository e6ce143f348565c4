"""Reading OpenCode's SQLite database of sessions."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_worker.agent_programs.base import Failure, Place, Places, Reading
from hephaestus_worker.agent_programs.records import as_count, count, part, text

_WAIT_SECONDS: Final = 2.0
_QUERY_SECONDS: Final = 2.0
#: Steps of SQLite's machine between two looks at the clock.
_STEPS: Final = 10_000
_MOST_BYTES: Final = 16 * 2**20
_MOST_ROWS: Final = 100_000

_MESSAGES: Final = "message"
_ROWS_AT_ONCE: Final = 2000
#: Rows before the newest one that are read again: answers of several sessions may go on at once.
_READ_AGAIN: Final = 200

_FIRST: Final = "SELECT id FROM session WHERE parent_id IS NULL ORDER BY time_created LIMIT 1"
_SAID: Final = """
SELECT json_extract(part.data, '$.text') FROM part JOIN message ON message.id = part.message_id
WHERE json_extract(message.data, '$.role') = 'user' AND json_extract(part.data, '$.type') = 'text'
"""
_NEW: Final = "SELECT rowid, id, data FROM message WHERE rowid > ? ORDER BY rowid LIMIT ?"
_NEWEST: Final = "SELECT max(rowid) FROM message"
_PARTS: Final = """
SELECT rowid, json_extract(data, '$.type'), json_extract(data, '$.tool'),
       json_extract(data, '$.state.status'), substr(json_extract(data, '$.state.input'), 1, 4000),
       substr(json_extract(data, '$.state.error'), 1, 400),
       json_extract(data, '$.state.metadata.exit'), json_extract(data, '$.reason')
FROM part WHERE rowid > ? ORDER BY rowid LIMIT ?
"""
_LAST: Final = """
SELECT message.data FROM message JOIN session ON session.id = message.session_id
WHERE session.parent_id IS NULL ORDER BY message.time_created DESC, message.id DESC LIMIT 1
"""

# Classes by the error's name, for errors without an HTTP status.
_NAMED: Final = {
    "ProviderAuthError": FailureClass.PERMANENT,
    "ProviderModelNotFoundError": FailureClass.PERMANENT,
    "ContextOverflowError": FailureClass.AGENT_FAULT,
    "MessageOutputLengthError": FailureClass.AGENT_FAULT,
}
_BY_STATUS: Final = {
    400: FailureClass.PERMANENT,
    401: FailureClass.PERMANENT,
    402: FailureClass.QUOTA,
    403: FailureClass.PERMANENT,
    404: FailureClass.PERMANENT,
    429: FailureClass.QUOTA,
}
_STOPPED_BY_A_PERSON: Final = "MessageAbortedError"


@dataclass(frozen=True)
class Part:
    """A part of an answer: the call of a tool, or the end of a step. The program updates it."""

    number: int
    kind: str
    tool: str
    state: str
    """``pending``, ``running``, ``completed`` or ``error``; of calls only."""
    given: str
    """The arguments of a call as JSON, cut off."""
    error: str
    """Why a call failed."""
    reason: str
    """Why a step ended."""


@dataclass(frozen=True)
class Sessions:
    """The sessions of one agent. The program may write to ``path`` at the same time."""

    path: Path

    def first(self) -> str | None:
        """Return the id of the agent's own session; None before it begins."""
        return next((str(row[0]) for row in self._rows(_FIRST)), None)

    def times_said(self, message: str) -> int:
        """Return how often the database has the whole message, said or queued."""
        wanted = message.strip()
        return sum(1 for (text,) in self._rows(_SAID) if str(text).strip() == wanted)

    def turns(self, after: Places) -> Reading:
        """Return the answers noted since ``after`` in all sessions, those of subagents included.

        An answer is noted when it begins, and its tokens when it ends; so the newest rows are read
        again each time.
        """
        reached = after.get(_MESSAGES, Place()).offset
        newest = next((as_count(row[0]) for row in self._rows(_NEWEST)), 0)
        if newest < reached:  # another database stands in its place
            reached = 0
        rows = list(self._rows(_NEW, (max(0, reached - _READ_AGAIN), _ROWS_AT_ONCE)))
        if not rows:
            return Reading(after=after)
        read = as_count(rows[-1][0])
        found = (turn for _, key, data in rows if (turn := _turn(key, _object(data))))
        return Reading(tuple(found), {_MESSAGES: Place(read)}, more=reached < read < newest)

    def parts(self, after: int) -> Iterator[Part]:
        """Return the parts of answers after a row, in all sessions, oldest first."""
        for number, *values in self._rows(_PARTS, (after, _ROWS_AT_ONCE)):
            kind, tool, state, given, error, code, reason = values
            yield Part(
                as_count(number),
                kind=str(kind or ""),
                tool=str(tool or ""),
                state=str(state or ""),
                given=str(given or ""),
                error=str(error or (f"exit status {code}" if code else "")),
                reason=str(reason or ""),
            )

    def failure(self) -> Failure | None:
        """Return the error that ended the last turn; None if the turn succeeded or still runs."""
        message = next((_object(row[0]) for row in self._rows(_LAST)), {})
        error = part(message, "error")
        name = text(error, "name")
        if not error or name == _STOPPED_BY_A_PERSON:
            return None
        data = part(error, "data")
        status = count(data, "statusCode")
        reason = text(data, "message") or name
        class_ = _NAMED.get(name) or _BY_STATUS.get(status, FailureClass.TRANSIENT)
        until = _until(message, data) if class_ is FailureClass.QUOTA else None
        reason = f"{reason} (HTTP {status})" if status else reason
        of_provider = class_ is FailureClass.TRANSIENT and name == "APIError"
        return Failure(class_, reason, until, of_provider)

    def _rows(self, query: str, given: tuple[int, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows; none while the database is missing, incomplete or unreadable.

        The agent may have put any tables and views there, so time and sizes are bounded.
        """
        if not self._may_be_read():
            return
        where = f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(where, uri=True, timeout=_WAIT_SECONDS)) as database:
                deadline = time.monotonic() + _QUERY_SECONDS
                database.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
                database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
                database.execute("PRAGMA trusted_schema = OFF")
                yield from database.execute(query, given).fetchmany(_MOST_ROWS)
        except (sqlite3.Error, MemoryError):
            return

    def _may_be_read(self) -> bool:
        """Return whether the database and what SQLite keeps beside it are files of the agent."""
        folder, name = self.path.parent, self.path.name
        beside = (f"{name}{end}" for end in ("-wal", "-shm", "-journal"))
        there = [other for other in beside if os.path.lexists(folder / other)]
        return all(agent_files.size(folder, other) is not None for other in (name, *there))


def _turn(key: Any, data: dict[str, Any]) -> Turn | None:
    if data.get("role") != "assistant" or not isinstance(key, str):
        return None
    used, cost = part(data, "tokens"), data.get("cost")
    tokens = Tokens(
        input_tokens=count(used, "input"),
        output_tokens=count(used, "output") + count(used, "reasoning"),
        cache_read_tokens=count(part(used, "cache"), "read"),
        cache_creation_tokens=count(part(used, "cache"), "write"),
    )
    model = text(data, "modelID")
    name = f"{text(data, 'providerID')}/{model}" if model else None
    return Turn(key, tokens, name, float(cost) if isinstance(cost, int | float) else None)


def _object(content: Any) -> dict[str, Any]:
    try:
        return part(json.loads(content))
    except (TypeError, ValueError, RecursionError):
        return {}


def _until(message: dict[str, Any], data: dict[str, Any]) -> datetime | None:
    """Return the time when the provider allows a retry; None if it names none."""
    seconds = text(part(data, "responseHeaders"), "retry-after")
    try:
        asked = datetime.fromtimestamp(count(part(message, "time"), "created") / 1000, UTC)
        return asked + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError):
        return None
