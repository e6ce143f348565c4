from hephaestus_core.agents import hosting
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.guardian.liveness import MOST_REMINDERS, Observation
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.messages import service as messages
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine


def test_an_agent_that_waits_is_reminded_and_in_the_end_given_up(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    for _ in range(MOST_REMINDERS + 1):
        record_observation(engine.db, agent.id, Observation(waiting=True))
    assert len(messages.take_unread(engine.db, agent.id)[0]) == MOST_REMINDERS

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
