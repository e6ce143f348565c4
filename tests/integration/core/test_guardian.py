import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.guardian.liveness import MOST_REMINDERS, Observation
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.messages import service as messages
from hephaestus_core.messages.rules import MOST_PASTES
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine


def test_an_agent_that_waits_is_reminded_and_in_the_end_given_up(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    for _ in range(MOST_REMINDERS + 1):
        record_observation(engine.db, agent.id, Observation(waiting=True))
    told = messages.take_unread(engine.db, agent.id)[0]
    assert len({message.text for message in told}) == MOST_REMINDERS, "none says the same again"
    assert "last reminder" in told[-1].text

    record_observation(engine.db, agent.id, Observation(waiting=True))

    assert agents.get_agent(engine.db, agent.id).status == "stopping"
    engine.end(agent)
    assert tasks.get_task(engine.db, task.id).failure_class == "agent_fault"


def test_work_between_two_looks_starts_the_count_anew(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    for waiting in (True, True, False, True):
        record_observation(engine.db, agent.id, Observation(waiting=waiting))

    [row] = hosting.agents_of(engine.db, "a")
    assert row.status == "idle"
    assert len(messages.take_unread(engine.db, agent.id)[0]) == 1


def test_a_key_that_its_program_tells_as_refused_is_an_act_of_record(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    refused = Trouble(FailureClass.PERMANENT, "The server refused the login 3 times: no such key")
    seen = Observation(waiting=None, trouble=refused, certain=True)
    for _ in range(2):
        record_observation(engine.db, agent.id, seen)

    [act] = page_of_interventions(engine.db, agent_id=agent.id)[0]
    assert (act.action, act.cause, act.evidence) == (
        "next_program",
        "failing_repeatedly",
        [refused.reason],
    )
    assert agents.get_agent(engine.db, agent.id).status == "stopping"


def test_an_agent_that_has_ended_is_not_touched(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    engine.finish(agent)
    record_observation(engine.db, agent.id, Observation(waiting=True))
    assert agents.get_agent(engine.db, agent.id).status == "finished"


def test_an_agent_that_has_reported_and_waits_for_its_end_is_left_alone(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    for _ in range(MOST_REMINDERS + 2):
        record_observation(engine.db, agent.id, Observation(waiting=True))
    quota = Trouble(FailureClass.QUOTA, "no quota is left")
    record_observation(engine.db, agent.id, Observation(waiting=True, trouble=quota))

    assert messages.take_unread(engine.db, agent.id)[0] == []
    assert agents.get_agent(engine.db, agent.id).status == "working"
    assert tasks.get_task(engine.db, task.id).status == "under_review"


def test_a_message_on_its_way_holds_back_reminders_until_it_arrives(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    sent = messages.send(engine.db, agent.id, "Correct that.")
    # Its program did not take input in time, so that the host tries again later.
    messages.put_off(engine.db, sent.id, agent.id, pasted=False)
    for _ in range(MOST_REMINDERS + 2):
        record_observation(engine.db, agent.id, Observation(waiting=True))
    assert agents.get_agent(engine.db, agent.id).status == "idle"
    assert not engine.events("agent.reminded")

    assert messages.record_delivered(engine.db, sent.id, agent.id)
    record_observation(engine.db, agent.id, Observation(waiting=True))
    assert len(engine.events("agent.reminded")) == 1


@pytest.mark.parametrize("why", ["old", "left", "mailbox"])
def test_a_message_that_does_not_arrive_excuses_no_agent_for_long(engine: Engine, why: str) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    sent = messages.send(engine.db, agent.id, "Correct that.")
    changed = {
        "old": "created_at = now() - interval '6 minutes'",
        "left": f"pastes = {MOST_PASTES}",
        "mailbox": "mailbox_only = true",
    }
    with engine.db.transaction() as session:
        session.execute(text(f"UPDATE messages SET {changed[why]} WHERE id = :id"), {"id": sent.id})
    for _ in range(MOST_REMINDERS + 2):
        record_observation(engine.db, agent.id, Observation(waiting=True))
    assert agents.get_agent(engine.db, agent.id).status == "stopping"
