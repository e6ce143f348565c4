"""Reading OpenCode's SQLite database of sessions."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Failure, Usage

_WAIT_SECONDS: Final = 2.0

_FIRST: Final = "SELECT id FROM session WHERE parent_id IS NULL ORDER BY time_created LIMIT 1"
_SAID: Final = """
SELECT json_extract(part.data, '$.text') FROM part JOIN message ON message.id = part.message_id
WHERE json_extract(message.data, '$.role') = 'user' AND json_extract(part.data, '$.type') = 'text'
"""
_USED: Final = """
SELECT sum(tokens_input), sum(tokens_output + tokens_reasoning), sum(tokens_cache_read),
       sum(tokens_cache_write), sum(cost),
       (SELECT model FROM session WHERE parent_id IS NULL ORDER BY time_created LIMIT 1)
FROM session
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

    def usage(self) -> Usage | None:
        """Return the sum over all sessions, subagents included; None if none used any tokens."""
        for read, written, cached, created, cost, model in self._rows(_USED):
            if read or written:
                return Usage(read, written, cached, created, _name(model), cost)
        return None

    def failure(self) -> Failure | None:
        """Return the error that ended the last turn; None if the turn succeeded or still runs."""
        message: dict[str, Any] = next((json.loads(row[0]) for row in self._rows(_LAST)), {})
        error = message.get("error")
        if not error or error["name"] == _STOPPED_BY_A_PERSON:
            return None
        data = error.get("data") or {}
        status = data.get("statusCode", 0)
        reason = str(data.get("message") or error["name"])
        class_ = _NAMED.get(error["name"]) or _BY_STATUS.get(status, FailureClass.TRANSIENT)
        until = _until(message, data) if class_ is FailureClass.QUOTA else None
        reason = f"{reason} (HTTP {status})" if status else reason
        of_provider = class_ is FailureClass.TRANSIENT and error["name"] == "APIError"
        return Failure(class_, reason, until, of_provider)

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Return the rows; none while the database is missing, incomplete or unreadable."""
        if not self.path.exists():
            return
        where = f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(where, uri=True, timeout=_WAIT_SECONDS)) as database:
                yield from database.execute(query).fetchall()
        except sqlite3.DatabaseError:
            return


def _name(model: str | None) -> str | None:
    if model is None:
        return None
    found = json.loads(model)
    return f"{found['providerID']}/{found['id']}"


def _until(message: Mapping[str, Any], data: Mapping[str, Any]) -> datetime | None:
    """Return the time when the provider allows a retry; None if it names none."""
    seconds = (data.get("responseHeaders") or {}).get("retry-after", "")
    if not seconds.isdecimal():
        return None
    asked = datetime.fromtimestamp(message["time"]["created"] / 1000, UTC)
    return asked + timedelta(seconds=int(seconds))
