"""Live terminals and screens over Socket.IO: what clients say, and what they are told."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request
from flask_socketio import SocketIO  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.agents.board import live_hosts
from hephaestus_core.agents.service import get_agent
from hephaestus_core.contract.errors import HephaestusError, InvalidInput
from hephaestus_core.db.engine import Database
from hephaestus_core.terminals import wire
from hephaestus_web.errors import translated
from hephaestus_web.live.keyboards import Keyboards
from hephaestus_web.live.screens import Screens
from hephaestus_web.live.terminals import WATCHED_AT_ONCE, Terminals

Answer = dict[str, Any]


class TerminalSockets:
    """The messages about terminals; only clients that may read reach them.

    Args:
        server: the Socket.IO server of this process.
        screens: what clients have in view of lists.
    """

    def __init__(
        self,
        server: SocketIO,
        terminals: Terminals,
        screens: Screens,
        keyboards: Keyboards,
        database: Database,
    ) -> None:
        self._server = server
        self._keyboards = keyboards
        self._terminals = terminals
        self._screens = screens
        self._database = database
        server.on_event("watch_terminal", _answering(self._watch))
        server.on_event("leave_terminal", _answering(self._leave))
        server.on_event("watch_screens", _answering(self._watch_screens))
        server.on_event("terminal_shown", _answering(self._note_shown))
        server.on_event("take_keyboard", _answering(self._take_keyboard))
        server.on_event("press_keys", _answering(self._press_keys))
        server.on_event("release_keyboard", _answering(self._release_keyboard))
        server.on_event("disconnect", self._forget)

    def start(self) -> None:
        """Start to send what hosts send."""
        self._terminals.start(lambda sid, message: self._server.emit("terminal", message, to=sid))
        self._screens.start(lambda sid, screens: self._server.emit("screens", screens, to=sid))

    def close(self) -> None:
        """Send no more. Safe to call from a signal handler, and twice."""
        self._terminals.close()
        self._screens.close()

    def _watch(self, said: Answer) -> Answer:
        agent = get_agent(self._database, _agent_id(said))
        sid = _sid()
        if not self._terminals.watch(sid, agent.id, agent.host):
            raise InvalidInput(
                f"{WATCHED_AT_ONCE} terminals are open in this window; close one first."
            )
        self._forget_if_gone(sid)
        return {"columns": wire.COLUMNS, "rows": wire.ROWS}

    def _watch_screens(self, said: Answer) -> Answer:
        """Note which agents a client has in view; those that have ended are left out."""
        wanted = said.get("agent_ids")
        if not isinstance(wanted, list) or len(wanted) > wire.SCREENS_AT_ONCE:
            raise InvalidInput(
                f"Name at most {wire.SCREENS_AT_ONCE} agents in a list.", field="agent_ids"
            )
        ids = [_agent_id({"agent_id": each}) for each in wanted]
        sid = _sid()
        self._screens.watch(sid, live_hosts(self._database, ids))
        self._forget_if_gone(sid)
        return {}

    def _forget_if_gone(self, sid: str) -> None:
        """Forget a client that left before what it asked for came to pass."""
        if not self._server.server.manager.is_connected(sid, "/"):
            self._forget_client(sid)

    def _leave(self, said: Answer) -> Answer:
        self._terminals.leave(_sid(), _agent_id(said))
        self._keyboards.release(_sid(), _agent_id(said))
        return {}

    def _note_shown(self, said: Answer) -> Answer:
        offset = said.get("offset")
        if isinstance(offset, int):
            self._terminals.note_shown(_sid(), _agent_id(said), offset)
        return {}

    def _take_keyboard(self, said: Answer) -> Answer:
        sid = _sid()
        taken = self._keyboards.take(sid, _agent_id(said))
        self._forget_if_gone(sid)
        return taken

    def _press_keys(self, said: Answer) -> Answer:
        return self._keyboards.press(_sid(), _agent_id(said), said.get("text"))

    def _release_keyboard(self, said: Answer) -> Answer:
        return self._keyboards.note_release(_sid(), _agent_id(said))

    def _forget(self, _reason: object = None) -> None:
        self._forget_client(_sid())

    def _forget_client(self, sid: str) -> None:
        self._terminals.leave(sid)
        self._screens.leave(sid)
        self._keyboards.release(sid)


def _answering(handle: Callable[[Answer], Answer]) -> Callable[[Any], Answer]:
    """Have a handler get an object, and answer with an error in place of raising it."""

    def answer(said: Any = None) -> Answer:
        try:
            return handle(said if isinstance(said, dict) else {})
        except (HephaestusError, SQLAlchemyError) as error:
            known = translated(error)
            if known is None:
                raise
            return {"error": known.message, "code": known.code}

    return answer


def _agent_id(said: Answer) -> UUID:
    try:
        return UUID(said.get("agent_id"))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput("'agent_id' is no id of an agent.", field="agent_id") from error


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid
