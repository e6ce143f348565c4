"""Messages reach their agents, or the next attempts; two agents cannot talk without end."""

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.guardian.liveness import Observation
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.messages import mailbox
from hephaestus_core.messages import service as messages
from hephaestus_core.messages.recipients import recipients_on
from hephaestus_core.messages.rules import MOST_PASTES
from tests.engine import Engine


@pytest.fixture
def talking(engine: Engine) -> Engine:
    engine.with_host("a", slots=4)
    engine.start_workflow()
    return engine


def at_work(engine: Engine, phase_id: int = 1) -> AgentView:
    engine.create(phase_id=phase_id)
    return engine.run(engine.claimed())


def send(engine: Engine, sender: AgentView, recipient: AgentView, words: str = "x") -> None:
    messages.send(
        engine.db, recipient.id, words, sender=f"agent {sender.id}", sender_agent_id=sender.id
    )


def test_what_an_attempt_has_not_got_goes_to_the_next_one_but_for_its_reminders(
    talking: Engine,
) -> None:
    first = at_work(talking)
    sent = messages.send(talking.db, first.id, "for whoever works at it", sender="alice")
    for _ in range(MOST_PASTES):
        messages.put_off(talking.db, sent.id, first.id, pasted=True)
    for _ in range(2):
        record_observation(talking.db, first.id, Observation(waiting=True))
    assert len(talking.events("agent.reminded")) == 1
    talking.end(first, failure=Trouble(FailureClass.TRANSIENT, "it was killed"))
    with talking.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
        session.execute(text("UPDATE messages SET not_before = NULL"))
    second = talking.run(talking.claimed())

    assert recipients_on(talking.db, "a") == [second.id], "the next one need not be deaf"
    messages.put_off(talking.db, sent.id, second.id, pasted=True)
    receipts, _ = mailbox.page_of_messages(talking.db, task_id=second.task_id)
    assert [each.status for each in receipts if each.id == sent.id] == ["sent"]
    [got] = messages.take_unread(talking.db, second.id)[0]
    assert (got.text, got.recipient_agent_id) == ("for whoever works at it", second.id)
    [earlier], _ = mailbox.read_box(talking.db, second.id, "earlier")
    assert (earlier.id, earlier.status) == (sent.id, "read")


def test_a_phase_is_written_to_by_agents_and_people(talking: Engine) -> None:
    one, two, other = at_work(talking), at_work(talking, 2), at_work(talking, 2)
    assert [
        m.recipient_agent_id for m in messages.broadcast(talking.db, two.id, "x", phase_id=2)
    ] == [other.id]
    [sent] = messages.broadcast_to(talking.db, talking.workflow_id, "y", phase_id=1)
    assert sent.recipient_agent_id == one.id
    with pytest.raises(InvalidInput, match="9"):
        messages.broadcast_to(talking.db, talking.workflow_id, "y", phase_id=9)


def test_two_agents_that_answer_each_other_without_end_are_not_interrupted_any_more(
    talking: Engine,
) -> None:
    one, two, third = at_work(talking), at_work(talking), at_work(talking)
    for _ in range(5):
        send(talking, one, two)
        send(talking, two, one)
    send(talking, one, third)
    assert talking.events("messages.looped") == []
    messages.take_unread(talking.db, one.id)
    messages.take_unread(talking.db, two.id)

    send(talking, one, two, "again")
    send(talking, two, one, "and again")

    [told] = talking.events("messages.looped")
    assert (told.agent_id, told.data["other_agent_id"]) == (one.id, str(two.id))
    assert recipients_on(talking.db, "a") == [third.id], "they wait in the mailbox only"
    assert messages.next_for(talking.db, two.id) is None
    assert [m.text for m in messages.take_unread(talking.db, two.id)[0]] == ["again"]
    with talking.db.transaction() as session:
        session.execute(text("UPDATE messages SET created_at = created_at - interval '11 minutes'"))
    send(talking, two, one, "later")
    assert set(recipients_on(talking.db, "a")) == {one.id, third.id}
