"""Acts of the Guardian: once per cause, in one transaction, with their effects."""

import threading
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.agents.views import AgentView
from hephaestus_core.guardian import acting
from hephaestus_core.guardian.ladder import Bounds
from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_core.messages import service as messages
from tests.engine import Engine

BOUNDS = Bounds(patience=0, minimum_age=0)
LOOPS = Verdict(Label.LOOPING, "loops", Act.STEER, ("Bash: make", "x" * 1000), looks=5)
WORKS = Verdict(Label.WORKING, "working", Act.LEAVE)


def running(engine: Engine) -> AgentView:
    engine.start_workflow()
    engine.create()
    return engine.run(engine.claimed())


def acts(engine: Engine, agent_id: UUID) -> list[InterventionView]:
    """Return what was done to an agent, oldest first."""
    return page_of_interventions(engine.db, agent_id=agent_id)[0][::-1]


def test_an_act_is_recorded_with_cause_evidence_message_and_effect(engine: Engine) -> None:
    agent = running(engine)
    assert acting.act_on(engine.db, agent.id, LOOPS, bounds=BOUNDS) == "steer"
    [message] = messages.take_unread(engine.db, agent.id)[0]
    assert (message.sender, message.sender_kind) == ("the Guardian", "system")
    assert "make" not in message.text

    acting.act_on(engine.db, agent.id, WORKS, bounds=BOUNDS)

    [act] = acts(engine, agent.id)
    assert (act.cause, act.key, act.action, act.effect) == ("looping", "loops", "steer", "headway")
    assert (act.text, act.delivered_at) == (message.text, message.delivered_at or act.delivered_at)
    assert act.delivered_at is not None
    assert [len(line) for line in act.evidence] == [10, 300]
    [event] = engine.events("agent.intervened")
    assert (event.data["cause"], event.data["evidence"]) == ("looping", act.evidence)


def test_sweeps_and_judges_at_once_act_once_for_a_cause(engine: Engine) -> None:
    agent = running(engine)
    patient = Bounds(patience=600)
    barrier = threading.Barrier(8)

    def act(number: int) -> None:
        barrier.wait(20)
        if number % 2:
            acting.act_on(engine.db, agent.id, LOOPS, bounds=patient)
        else:
            acting.steer(engine.db, agent.id, "Back to it.", cause="drifting", key="off-topic")

    threads = [threading.Thread(target=act, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(each.cause for each in acts(engine, agent.id)) == ["drifting", "looping"]
    assert len(messages.take_unread(engine.db, agent.id)[0]) == 2


def test_a_judge_steers_once_in_an_attempt_for_a_cause_and_key(engine: Engine) -> None:
    agent = running(engine)
    drift = {"cause": "drifting", "key": "off-topic"}
    assert acting.steer(engine.db, agent.id, "Back to the task.", **drift)
    assert acting.record_effect(engine.db, agent.id, cause="drifting", effect="headway") == 1
    assert not acting.steer(engine.db, agent.id, "Back to the task.", **drift)
    assert acting.steer(engine.db, agent.id, "Mind this.", cause="drifting", key="constraint")
    engine.report_done(agent)
    assert not acting.steer(engine.db, agent.id, "Mind that.", cause="drifting", key="other")


def test_an_agent_that_is_fine_in_a_persons_eyes_is_left_alone(engine: Engine) -> None:
    agent = running(engine)
    with engine.db.transaction() as session:
        session.execute(text("UPDATE agents SET fine_until = now() + interval '1 hour'"))
    assert acting.act_on(engine.db, agent.id, LOOPS, bounds=BOUNDS) is None
    assert not acting.steer(engine.db, agent.id, "Back.", cause="drifting", key="off-topic")
    with engine.db.transaction() as session:
        session.execute(text("UPDATE agents SET fine_until = now()"))
    assert acting.act_on(engine.db, agent.id, LOOPS, bounds=BOUNDS) == "steer"


def test_acts_on_ended_agents_are_followed_up(engine: Engine) -> None:
    agent = running(engine)
    acting.act_on(engine.db, agent.id, LOOPS, bounds=BOUNDS)
    assert acting.followed_up(engine.db, "a") == {agent.id}
    engine.finish(agent)
    assert acting.followed_up(engine.db, "a") == set()
    assert [each.effect for each in acts(engine, agent.id)] == ["headway"]
