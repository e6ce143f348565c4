"""The keyboards that clients of a process have, when several come and go at once."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask_socketio import SocketIO  # type: ignore[import-untyped]

from hephaestus_core.access.service import Person
from hephaestus_core.db.engine import AWAY, Database
from hephaestus_core.terminals.keyboards import Hold
from hephaestus_web.live.keyboards import Keyboards, _Held
from hephaestus_web.live.screens import Screens
from hephaestus_web.live.terminal_sockets import TerminalSockets
from hephaestus_web.live.terminals import Terminals


def nobody(_: str) -> Person:
    raise AssertionError("no person is asked for")


@pytest.fixture
def keyboards() -> Keyboards:
    """Those of a process whose database is away."""
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    return Keyboards(away, None, nobody)


def held(agent_id: UUID) -> _Held:
    return _Held(Hold(uuid4(), agent_id, "a", 1), 0.0)


class Slow(str):
    """The id of a client, during whose comparison another one takes a keyboard."""

    __slots__ = ("keyboards",)
    __hash__ = str.__hash__
    keyboards: Keyboards

    def __eq__(self, other: object) -> bool:
        agent_id = uuid4()
        self.keyboards._held["another", agent_id] = held(agent_id)
        return str.__eq__(self, other)


def test_a_client_can_leave_while_another_takes_a_keyboard(keyboards: Keyboards) -> None:
    for _ in range(3):
        keyboards._held["other", uuid4()] = held(uuid4())
    leaving = Slow("leaving")
    leaving.keyboards = keyboards
    keyboards.release(leaving)
    assert len(keyboards._held) == 6


def test_nothing_is_kept_of_a_client_that_leaves_while_the_database_is_away(
    keyboards: Keyboards,
) -> None:
    for agent_id in (uuid4(), uuid4()):
        keyboards._held["leaving", agent_id] = held(agent_id)
    with pytest.raises(AWAY):
        keyboards.release("leaving")
    assert keyboards._held == {}


def test_a_client_that_is_gone_before_it_has_its_keyboard_keeps_none(
    keyboards: Keyboards, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = dict[str, Callable[[Any], Any]]()
    manager = SimpleNamespace(is_connected=lambda *_: False)
    server = SimpleNamespace(on_event=handlers.__setitem__, server=SimpleNamespace(manager=manager))

    def take(sid: str, agent_id: UUID) -> dict[str, Any]:
        keyboards._held[sid, agent_id] = held(agent_id)
        return {}

    monkeypatch.setattr(keyboards, "take", take)
    TerminalSockets(
        cast("SocketIO", server), Terminals(None), Screens(None), keyboards, keyboards._database
    )
    with Flask("web").test_request_context() as context:
        context.request.sid = "gone"  # type: ignore[attr-defined]
        handlers["take_keyboard"]({"agent_id": str(uuid4())})
    assert keyboards._held == {}
