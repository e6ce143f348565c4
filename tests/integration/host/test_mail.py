"""Messages arrive in order, and a program that accepts none delays no other agent."""

import hashlib
import re
import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import Bell, CeleryTaskName
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.contract.statuses import SenderKind
from hephaestus_core.db.engine import Database
from hephaestus_core.messages import service as messages
from hephaestus_core.messages.rules import MOST_PASTES, pasted_text
from hephaestus_core.messages.views import MessageView
from hephaestus_worker.agent_programs import PROGRAMS
from hephaestus_worker.agent_programs.scripted import ScriptedProgram
from hephaestus_worker.agents.mail import deliver_messages
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.reconcile import reconcile
from tests.integration.host.conftest import Host
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def _quick(host: Host) -> None:
    wait_for_messages(host, 0.5)


def wait_for_messages(host: Host, seconds: float) -> None:
    """Set the workers' longest wait for the acknowledgement of a message."""
    host.programs = PROGRAMS | {"scripted": ScriptedProgram(delivery_seconds=seconds)}


def running(host: Host, last_step: str) -> AgentView:
    agent = host.claim("write: {path: made, content: made}", last_step)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return host.agent(agent.id)


def listening(host: Host) -> AgentView:
    # It confirms what it hears, which takes more than a moment on a busy machine.
    wait_for_messages(host, 30.0)
    return running(host, "run: 'until [ -e never ]; do sleep 0.05; done'")


def deaf(host: Host) -> AgentView:
    """Return an agent that gets messages but never acknowledges any."""
    return running(host, "hang: {}")


def send(host: Host, agent: AgentView, *bodies: str) -> list[MessageView]:
    return [messages.send(host.engine.db, agent.id, body) for body in bodies]


def log_of(host: Host, agent: AgentView) -> str:
    return (host.worker().folders.agent(agent.id) / PANE_LOG).read_text()


def received(host: Host, agent: AgentView) -> list[str]:
    return re.findall(r"«message begins \w+»\s+(.*?)\s+«message ends", log_of(host, agent))


def rows(host: Host, agent: AgentView) -> list[Any]:
    query = text(
        "SELECT text, delivered_at IS NOT NULL AS delivered, pastes, "
        "not_before - now() AS pause FROM messages WHERE recipient_agent_id = :id "
        "ORDER BY created_at"
    )
    with host.engine.db.reading() as session:
        return list(session.execute(query, {"id": agent.id}))


def let_time_pass(host: Host) -> None:
    """End all pauses."""
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE messages SET not_before = now() - interval '1 second'"))


def rung(host: Host) -> list[UUID]:
    """Run one pass; return the agents for which it rings a delivery."""
    host.rung.clear()
    reconcile(host.worker())
    name = CeleryTaskName.DELIVER_MESSAGES
    return [UUID(bell.args[0]) for bell in host.rung if bell.name == name]


def test_messages_arrive_in_order_each_once(host: Host) -> None:
    agent = listening(host)
    bodies = [f"number {number}" for number in range(5)]
    send(host, agent, *bodies)
    threads = [
        threading.Thread(target=deliver_messages, args=(worker, agent.id))
        for worker in [host.worker()] * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver_messages(host.worker(), agent.id)
    assert received(host, agent) == bodies
    assert all(row.delivered for row in rows(host, agent))


def test_a_message_rings_for_its_agent_alone_and_every_pass_again(host: Host) -> None:
    agent, other = listening(host), listening(host)
    rings: list[Bell] = []
    url = host.settings.database_url
    assert url is not None
    database = Database(url, ringer=rings.extend)
    messages.send(database, agent.id, "hello")
    database.close()
    assert [(bell.name, bell.queue, bell.args) for bell in rings] == [
        (CeleryTaskName.DELIVER_MESSAGES, "host.a", (str(agent.id),))
    ]
    assert rung(host) == [agent.id]
    deliver_messages(host.worker(), agent.id)
    assert rung(host) == []
    assert received(host, other) == []


def test_a_pass_waits_for_no_program(host: Host) -> None:
    wait_for_messages(host, 60.0)
    agent = deaf(host)
    [sent] = send(host, agent, "hello?")
    worker = host.worker()
    thread = threading.Thread(target=deliver_messages, args=(worker, agent.id))
    thread.start()
    wait_until(lambda: worker.busy.held(f"mail {agent.id}"), what="the message is being pasted")

    host.claim("done: it")
    host.rung.clear()
    reconcile(worker)

    assert thread.is_alive()
    names = {bell.name for bell in host.rung}
    assert CeleryTaskName.START_AGENT in names
    assert CeleryTaskName.DELIVER_MESSAGES not in names
    pasted = pasted_text(sent.id, "hello?", sender="a person", kind=SenderKind.PERSON)
    digest = hashlib.sha256(pasted.encode()).hexdigest()

    def confirmed() -> bool:
        with (worker.folders.agent(agent.id) / PANE_LOG).open("a") as log:
            log.write(f"[message] sha256={digest}\n")
        return not thread.is_alive()

    wait_until(confirmed, what="the confirmation is read")
    assert rows(host, agent)[0].delivered


def test_a_later_message_does_not_overtake_one_that_did_not_arrive(host: Host) -> None:
    agent = deaf(host)
    send(host, agent, "first", "second")
    deliver_messages(host.worker(), agent.id)
    assert [(row.text, row.pastes) for row in rows(host, agent)] == [("first", 1), ("second", 0)]
    assert rung(host) == []
    deliver_messages(host.worker(), agent.id)
    assert [row.pastes for row in rows(host, agent)] == [1, 0], "not before its time"


def test_a_message_that_is_never_confirmed_is_left_for_its_agent_to_fetch(host: Host) -> None:
    agent = deaf(host)
    [first, second] = send(host, agent, "first", "second")
    pauses = []
    for _ in range(MOST_PASTES):
        let_time_pass(host)
        assert rung(host) == [agent.id]
        deliver_messages(host.worker(), agent.id)
        pauses.append(rows(host, agent)[0].pause.total_seconds())
    assert pauses == sorted(pauses)
    assert pauses[0] > 20
    assert pauses[-1] > 400

    [left] = host.engine.events("message.left")
    assert left.data["message_id"] == str(first.id)
    let_time_pass(host)
    following = messages.next_for(host.engine.db, agent.id)
    assert following is not None
    assert following.id == second.id
    unread, _ = messages.take_unread(host.engine.db, agent.id)
    assert [message.text for message in unread] == ["first", "second"]
    assert rung(host) == []


def test_a_message_that_could_not_be_pasted_is_tried_as_long_as_it_takes(host: Host) -> None:
    agent = listening(host)
    worker = host.worker()
    worker.tmux.kill_session(agent.tmux_session)
    send(host, agent, "hello")
    for _ in range(MOST_PASTES + 1):
        let_time_pass(host)
        deliver_messages(worker, agent.id)
    [row] = rows(host, agent)
    assert (row.delivered, row.pastes) == (False, 0)
    assert row.pause.total_seconds() > 20
    assert host.engine.events("message.left") == []


def test_an_agent_that_is_not_at_work_yet_is_given_nothing(host: Host) -> None:
    agent = host.claim("wait_message: {}")
    send(host, agent, "early")
    assert rung(host) == []
    deliver_messages(host.worker(), agent.id)
    [row] = rows(host, agent)
    assert (row.delivered, row.pastes, row.pause) == (False, 0, None)


def test_a_message_that_interrupts_ends_the_turn_and_overtakes_the_others(host: Host) -> None:
    agent = listening(host)
    send(host, agent, "In your own time.")
    messages.send(host.engine.db, agent.id, "Stop that now.", interrupt=True)
    deliver_messages(host.worker(), agent.id)
    wait_until(lambda: len(received(host, agent)) == 2, what="both have arrived")
    assert received(host, agent) == ["Stop that now.", "In your own time."]
    log = log_of(host, agent)
    assert log.count("interrupted") == 1
    assert log.index("interrupted") < log.index("Stop that now.")
