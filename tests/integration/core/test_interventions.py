"""Acts of the Guardian: once per cause, in one transaction, with their effects."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting
from hephaestus_core.agents.service import get_agent, page_of_agents
from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.errors import Conflict, InvalidInput
from hephaestus_core.guardian import acting
from hephaestus_core.guardian.ladder import Bounds
from hephaestus_core.guardian.liveness import Observation
from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.guardian.overruling import call_fine, undo
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.restarting import restart_from_commit
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.guardian.views import InterventionView
from hephaestus_core.messages import service as messages
from hephaestus_core.questions.service import page_of_questions
from hephaestus_core.tasks.service import get_task
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


def done(engine: Engine, agent_id: UUID, verdict: Verdict = LOOPS) -> str | None:
    """Let a sweep come to a verdict; return the act that follows."""
    act = acting.act_on(engine.db, agent_id, verdict, bounds=BOUNDS)
    return None if act is None else act.action


def test_an_act_is_recorded_with_cause_evidence_message_and_effect(engine: Engine) -> None:
    agent = running(engine)
    assert done(engine, agent.id) == "steer"
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
    assert done(engine, agent.id) is None
    assert not acting.steer(engine.db, agent.id, "Back.", cause="drifting", key="off-topic")
    with engine.db.transaction() as session:
        session.execute(text("UPDATE agents SET fine_until = now()"))
    assert done(engine, agent.id) == "steer"


def test_acts_on_ended_agents_are_followed_up(engine: Engine) -> None:
    agent = running(engine)
    acting.act_on(engine.db, agent.id, LOOPS, bounds=BOUNDS)
    assert acting.followed_up(engine.db, "a") == {agent.id}
    engine.finish(agent)
    assert acting.followed_up(engine.db, "a") == set()
    assert [each.effect for each in acts(engine, agent.id)] == ["headway"]


def test_an_agent_that_loops_for_ever_is_restarted_and_ends_with_a_person(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    taken: list[str] = []
    for attempt in range(1, 5):
        agent = engine.run(engine.claimed())
        while get_agent(engine.db, agent.id).status == "working":
            taken.append(str(done(engine, agent.id)))
        engine.end(agent, conversation=f"talk {attempt}", commit=f"commit {attempt}")
        due_now(engine)
    messages_first = ["steer", "steer_otherwise", "interrupt"]
    assert taken == [
        *(*messages_first, "restart", *messages_first, "renew"),
        *(*messages_first, "retry", "park"),
    ]
    assert engine.status(task) == "blocked"
    [question] = page_of_questions(engine.db)[0]
    assert "Bash: make" in question.text
    assert "restart, renew, retry" in question.text
    attempts = page_of_agents(engine.db, task_id=task.id)[0][::-1]
    assert [each.resumes_id for each in attempts] == [None, attempts[0].id, None, None]
    assert "repeated the same actions" in (attempts[0].failure_reason or "")


def due_now(engine: Engine) -> None:
    """Let the pause before the next attempt be over."""
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))


def test_another_attempt_begins_from_the_commit_before_the_trouble(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    for _ in range(3):
        agent = engine.run(engine.claimed())
        while get_agent(engine.db, agent.id).status == "working":
            done(engine, agent.id)
        engine.end(agent, commit="work in a circle")
        due_now(engine)
    assert engine.status(task) == "queued"
    with engine.db.reading() as session:
        assert session.scalar(text("SELECT start_commit FROM tasks")) == "base"


def test_who_is_limited_waits_without_a_slot_until_then(engine: Engine) -> None:
    agent = running(engine)
    until = datetime.now(UTC) + timedelta(hours=2)
    limited = Verdict(Label.LIMITED, "limited", Act.PARK, ("429",), until=until.timestamp())

    assert done(engine, agent.id, limited) == "wait"
    engine.end(agent)

    assert engine.claim() is None
    with engine.db.reading() as session:
        assert session.scalar(text("SELECT due_at FROM tasks")) == until
    due_now(engine)
    assert engine.claim() is not None


@pytest.mark.parametrize(
    ("verdict", "action", "failure"),
    [
        (Verdict(Label.CONTEXT_FULL, "context_full", Act.RENEW), "renew", "agent_fault"),
        (Verdict(Label.FAILING, "key_refused", Act.NEXT_PROGRAM), "next_program", "permanent"),
        (Verdict(Label.FAILING, "provider_fails", Act.NEXT_PROGRAM), "next_program", "transient"),
        (Verdict(Label.NEVER_STARTED, "never_started", Act.RETRY), "retry", "transient"),
    ],
)
def test_what_the_rules_name_is_done_at_once(
    engine: Engine, verdict: Verdict, action: str, failure: str
) -> None:
    agent = running(engine)
    assert done(engine, agent.id, verdict) == action
    assert done(engine, agent.id, verdict) is None
    assert get_agent(engine.db, agent.id).failure_class == failure
    assert get_agent(engine.db, agent.id).status == "stopping"


def test_an_interruption_is_explained_once_it_has_happened(engine: Engine) -> None:
    agent = running(engine)
    for _ in range(3):
        act = acting.act_on(engine.db, agent.id, LOOPS, bounds=BOUNDS)
        messages.take_unread(engine.db, agent.id)
    assert act is not None
    assert act.action == "interrupt"
    for _ in range(2):
        acting.record_interrupted(engine.db, act.id)
    [message] = messages.take_unread(engine.db, agent.id)[0]
    assert "interrupted you" in message.text


def test_a_program_that_cannot_be_interrupted_is_restarted(engine: Engine) -> None:
    agent = running(engine)
    given = {"bounds": BOUNDS, "interruptible": False}
    acts_taken = [acting.act_on(engine.db, agent.id, LOOPS, **given) for _ in range(3)]
    assert [each.action for each in acts_taken if each] == ["steer", "steer_otherwise", "restart"]


def test_a_person_calls_an_agent_fine_for_a_while(engine: Engine) -> None:
    agent = running(engine)
    assert call_fine(engine.db, agent.id, minutes=30, by="Ada").fine_by == "Ada"
    assert done(engine, agent.id) is None
    for _ in range(5):
        record_observation(engine.db, agent.id, Observation(waiting=True))
    assert acts(engine, agent.id) == []
    assert get_agent(engine.db, agent.id).status == "idle"
    refused = Verdict(Label.FAILING, "key_refused", Act.NEXT_PROGRAM)
    call_fine(engine.db, agent.id, minutes=0, by="Ada")
    assert done(engine, agent.id) == "steer"
    call_fine(engine.db, agent.id, minutes=30, by="Ada")
    assert done(engine, agent.id, refused) == "next_program"
    with pytest.raises(InvalidInput):
        call_fine(engine.db, agent.id, minutes=1441, by="Ada")
    assert [event.data["minutes"] for event in engine.events("agent.fine")] == [30, 0, 30]


def test_a_message_is_taken_back_before_or_after_it_has_arrived(engine: Engine) -> None:
    agent = running(engine)
    done(engine, agent.id)
    [act] = acts(engine, agent.id)
    assert undo(engine.db, act.id, by="Ada").undone_by == "Ada"
    assert messages.take_unread(engine.db, agent.id)[0] == []
    assert done(engine, agent.id) is None, "it acts again for a cause that a person overruled"
    hangs = Verdict(Label.HUNG, "hung", Act.TELL)
    assert done(engine, agent.id, hangs) == "steer"
    messages.take_unread(engine.db, agent.id)
    undo(engine.db, acts(engine, agent.id)[1].id, by="Ada")
    [word] = messages.take_unread(engine.db, agent.id)[0]
    assert (word.sender, word.sender_kind) == ("Ada", "person")
    with pytest.raises(Conflict):
        undo(engine.db, act.id, by="Eve")


def test_a_parked_task_goes_on_when_that_is_taken_back(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    none_left = replace(BOUNDS, interventions=0)
    act = acting.act_on(engine.db, agent.id, LOOPS, bounds=none_left)
    assert act is not None
    assert act.action == "park"
    engine.end(agent)
    assert engine.status(task) == "blocked"
    undo(engine.db, act.id, by="Ada")
    assert engine.status(task) == "queued"


def test_a_wait_for_a_limit_is_taken_back_and_the_task_goes_on_at_once(engine: Engine) -> None:
    agent = running(engine)
    until = datetime.now(UTC) + timedelta(hours=2)
    limited = Verdict(Label.LIMITED, "limited", Act.PARK, ("429",), until=until.timestamp())
    assert done(engine, agent.id, limited) == "wait"
    engine.end(agent, commit="work")
    assert engine.claim() is None
    [act] = acts(engine, agent.id)

    assert undo(engine.db, act.id, by="Ada").undone_by == "Ada"

    following = engine.claimed()
    assert (following.attempt, following.task_id) == (2, agent.task_id)
    [event] = engine.events("agent.intervention_undone")
    assert (event.data["action"], event.data["by"]) == ("wait", "Ada")
    again = engine.run(following)
    assert done(engine, again.id, limited) == "wait", "another attempt may be limited anew"
    engine.end(again)
    due_now(engine)
    with pytest.raises(Conflict, match="does not wait for a limit any more"):
        undo(engine.db, acts(engine, again.id)[0].id, by="Ada")


def test_a_wait_is_taken_back_while_the_host_still_ends_the_attempt(engine: Engine) -> None:
    agent = running(engine)
    until = datetime.now(UTC) + timedelta(hours=2)
    limited = Verdict(Label.LIMITED, "limited", Act.PARK, ("429",), until=until.timestamp())
    done(engine, agent.id, limited)
    undo(engine.db, acts(engine, agent.id)[0].id, by="Ada")
    engine.end(agent, conversation="talk", commit="work")

    task = get_task(engine.db, agent.task_id)
    assert task.failure_reason == "Ada has ended the wait for the limit"
    assert task.due_at is not None
    assert task.due_at - datetime.now(UTC) < timedelta(seconds=2)
    due_now(engine)
    assert engine.claimed().resumes_id == agent.id


def test_the_end_of_a_program_cannot_be_taken_back(engine: Engine) -> None:
    agent = running(engine)
    full = Verdict(Label.CONTEXT_FULL, "context_full", Act.RENEW)
    done(engine, agent.id, full)
    with pytest.raises(Conflict, match="cannot be taken back"):
        undo(engine.db, acts(engine, agent.id)[0].id, by="Ada")


def test_a_person_restarts_an_agent_from_its_last_commit_without_using_up_a_retry(
    engine: Engine,
) -> None:
    agent = running(engine)
    for commit in ("first", "second"):
        hosting.record_checkpoint(engine.db, agent.id, fence=agent.fence, commit=commit, waiting=[])
    assert restart_from_commit(engine.db, agent.id, by="ada").status == "stopping"
    with pytest.raises(Conflict, match="only one at work"):
        restart_from_commit(engine.db, agent.id, by="ada")
    engine.end(agent, commit="later", conversation=None)

    task = get_task(engine.db, agent.task_id)
    assert (task.status, task.failure_reason) == ("queued", "ada has restarted it from second")
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
    again = engine.claimed()
    plan = hosting.launch_plan(engine.db, again.id)
    assert (plan.attempt, plan.start_commit, plan.resume) == (2, "second", None)
    with pytest.raises(Conflict, match="restart its task"):
        restart_from_commit(engine.db, agent.id, by="ada")
