"""The keyboard of an agent: one person at a time, for one attempt, and no Guardian meanwhile."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from hephaestus_core.agents.service import get_agent
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.guardian.acting import steer
from hephaestus_core.guardian.overruling import call_fine
from hephaestus_core.guardian.sweeping import ask_person
from hephaestus_core.terminals import keyboards
from tests.engine import Engine


@pytest.fixture
def agent(engine: Engine) -> AgentView:
    engine.with_host("a").start_workflow()
    engine.create()
    return engine.run(engine.claimed())


def expire(engine: Engine) -> None:
    with engine.db.transaction() as session:
        session.execute(text("UPDATE keyboards SET expires_at = now()"))


def test_one_person_has_it_until_they_give_it_back(engine: Engine, agent: AgentView) -> None:
    hold = keyboards.take(engine.db, agent.id, by="ada")
    assert keyboards.may_press(engine.db, hold)
    with pytest.raises(Conflict, match="ada has the keyboard"):
        keyboards.take(engine.db, agent.id, by="bob")
    again = keyboards.take(engine.db, agent.id, by="ada")  # in another window
    assert not keyboards.may_press(engine.db, hold)
    assert not keyboards.renew(engine.db, hold)
    keyboards.release(engine.db, hold)
    assert keyboards.renew(engine.db, again)
    keyboards.release(engine.db, again)
    assert not keyboards.may_press(engine.db, again)
    keyboards.take(engine.db, agent.id, by="bob")
    told = [(e.type, e.data["by"]) for e in engine.events() if "keyboard" in e.type]
    assert told == [
        ("agent.keyboard_taken", "ada"),
        ("agent.keyboard_taken", "ada"),
        ("agent.keyboard_released", "ada"),
        ("agent.keyboard_taken", "bob"),
    ]


def test_it_is_free_once_no_key_was_pressed_for_long(engine: Engine, agent: AgentView) -> None:
    hold = keyboards.take(engine.db, agent.id, by="ada")
    expire(engine)
    assert not keyboards.is_held(engine.db, agent.id)
    assert not keyboards.may_press(engine.db, hold)
    assert not keyboards.renew(engine.db, hold)
    assert keyboards.may_press(engine.db, keyboards.take(engine.db, agent.id, by="bob"))


def test_keys_reach_the_attempt_for_which_it_was_taken_alone(
    engine: Engine, agent: AgentView
) -> None:
    hold = keyboards.take(engine.db, agent.id, by="ada")
    for other in (
        replace(hold, fence=hold.fence + 1),
        replace(hold, host="b"),
        replace(hold, id=uuid4()),
        replace(hold, agent_id=uuid4()),
    ):
        assert not keyboards.may_press(engine.db, other)
    engine.end(agent, failure=Trouble("host", "the host fails"))
    assert not keyboards.may_press(engine.db, hold)
    assert not keyboards.renew(engine.db, hold)
    with pytest.raises(Conflict, match="has ended"):
        keyboards.take(engine.db, agent.id, by="ada")


def test_the_guardian_leaves_the_agent_alone_meanwhile(engine: Engine, agent: AgentView) -> None:
    hold = keyboards.take(engine.db, agent.id, by="ada")
    assert not steer(engine.db, agent.id, "Turn round.", cause="drifting", key="1")
    assert not ask_person(engine.db, agent.id, "Which?", hours=1)
    assert get_agent(engine.db, agent.id).fine_by == "ada"
    keyboards.release(engine.db, hold)
    assert get_agent(engine.db, agent.id).fine_until is None
    assert steer(engine.db, agent.id, "Turn round.", cause="drifting", key="1")


def test_an_agent_that_was_called_fine_for_longer_stays_so(
    engine: Engine, agent: AgentView
) -> None:
    call_fine(engine.db, agent.id, minutes=30, by="bob")
    keyboards.release(engine.db, keyboards.take(engine.db, agent.id, by="ada"))
    assert get_agent(engine.db, agent.id).fine_by == "bob"
