"""What waits for a person or stands still, as it comes about and is settled."""

import time
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import Trouble
from hephaestus_core.attention import service
from hephaestus_core.attention.acts import Wish, perform
from hephaestus_core.attention.views import AttentionView
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.base_moves import note_moved
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.contract.attention import Act
from hephaestus_core.contract.errors import Conflict, InvalidInput, NotFound
from hephaestus_core.contract.statuses import DeliveryStatus, FaultCause, MergeStatus
from hephaestus_core.hosts import service as hosts
from hephaestus_core.hosts import sweeps
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.llm import store as llm
from hephaestus_core.questions.asking import ask
from tests.engine import Engine
from tests.integration.web.waiting_work import SECOND, diff_of, waiting_work
from tests.statements import counted

#: Seconds; the list itself takes 40 ms at most, which a machine with other tests cannot hold to.
SOON = 0.4
MOST_STATEMENTS = 35


def kinds(engine: Engine) -> list[str]:
    return [str(item.kind) for item in service.inbox(engine.db).items]


def only(engine: Engine, kind: str) -> AttentionView:
    [item] = [item for item in service.inbox(engine.db).items if item.kind == kind]
    return item


def failed(engine: Engine, description: str = "Mend the boat") -> AttentionView:
    engine.create(description)
    engine.end(engine.run(engine.claimed()), failure=Trouble("permanent", "no such model"))
    return only(engine, "task_failed")


def test_a_question_is_answered_from_the_list(engine: Engine) -> None:
    engine.start_workflow()
    assert kinds(engine) == []
    engine.create("Paint the boat")
    agent = engine.run(engine.claimed())
    ask(engine.db, agent.id, "Red or blue?", options=["red", "blue"], hours=1)
    item = only(engine, "question")
    assert (item.condition, item.severity) == ("waits_for_you", "warning")
    assert ("Paint the boat" in item.title, item.evidence) == (True, "Red or blue?")
    assert item.acts[0].options == ["red", "blue"]
    counts = service.inbox(engine.db).counts
    assert (counts.waits_for_you, counts.stands_still, counts.at_work) == (1, 0, 1)
    with pytest.raises(InvalidInput):
        perform(engine.db, item.id, Act.ANSWER, Wish(by="ann"))
    with pytest.raises(Conflict, match="does not offer 'restart'; possible: answer, snooze"):
        perform(engine.db, item.id, Act.RESTART, Wish(by="ann"))
    perform(engine.db, item.id, Act.ANSWER, Wish(by="ann", option=2))
    assert kinds(engine) == []
    with pytest.raises(NotFound, match="read the list again"):
        service.snooze(engine.db, item.id, minutes=5, by="ann")


def test_a_failed_task_leaves_the_list_by_a_decision(engine: Engine) -> None:
    engine.start_workflow()
    item = failed(engine)
    assert item.evidence == "permanent: no such model"
    perform(engine.db, item.id, Act.RESTART, Wish(by="ann"))
    assert "task_failed" not in kinds(engine)
    engine.end(engine.run(engine.claimed()), failure=Trouble("permanent", "still none"))
    again = only(engine, "task_failed")
    assert again.id != item.id, "another occurrence"
    service.dismiss(engine.db, again.id, by="ann")
    assert "task_failed" not in kinds(engine)
    aside = service.inbox(engine.db, set_aside=True).items
    assert [(one.id, one.set_aside_by, one.set_aside_until) for one in aside] == [
        (again.id, "ann", None)
    ]
    service.undo(engine.db, again.id, by="ann")
    assert only(engine, "task_failed").id == again.id
    with pytest.raises(Conflict, match="Nobody has put"):
        service.undo(engine.db, again.id, by="ann")
    told = [(event.data["act"], event.data["by"]) for event in engine.events("attention.marked")]
    assert told == [("dismissed", "ann"), ("restored", "ann")]
    lifecycle.stop_workflow(engine.db, engine.workflow_id)
    assert kinds(engine) == []


def test_a_snoozed_item_comes_back(engine: Engine) -> None:
    engine.start_workflow()
    item = failed(engine)
    snoozed = service.snooze(engine.db, item.id, minutes=30, by="ann")
    assert snoozed.set_aside_until is not None
    assert service.inbox(engine.db).counts.set_aside == 1
    assert "task_failed" not in kinds(engine)
    with engine.db.transaction() as session:
        session.execute(text("UPDATE attention_marks SET until = now() - interval '1 second'"))
    assert only(engine, "task_failed").id == item.id
    with pytest.raises(InvalidInput, match="1 to 10080 minutes"):
        service.snooze(engine.db, item.id, minutes=0, by="ann")


def test_an_approval_says_how_much_changed(engine: Engine) -> None:
    work = waiting_work(engine.with_host("page", slots=100))
    assert only(engine, "approval").evidence.startswith("5 changed files, +")
    work.add("Take the rest back", diff_of({"shop/prices.py": ("", "TAX = 0.19\n")}, SECOND))
    assert only(engine, "approval").evidence == "1 changed file, +1 −0."


def test_deliveries_and_merges_that_wait(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent)
    [job] = changes.due_merges(engine.db)
    changes.record_held(engine.db, job.merge_id, reason="it is checked out elsewhere")
    assert only(engine, "merge_held").evidence == "it is checked out elsewhere"
    kept = [{"path": "prices.py", "kind": "content", "kept": "theirs", "ours_commit": "a" * 40}]
    merged = MergeReport(MergeStatus.MERGED, "m", conflicts=kept)
    changes.record_merge(engine.db, job.merge_id, merged)
    lost = only(engine, "conflict_kept")
    assert "prices.py" in lost.title
    assert lost.evidence == "Kept this task's version; the other one is in commit aaaaaaaaaaaa."
    service.dismiss(engine.db, lost.id, by="ann")
    [delivery] = changes.due_deliveries(engine.db)
    reported = {"reason": "main is dirty", "commit": "d"}
    changes.record_delivery(engine.db, delivery, status=DeliveryStatus.HELD, **reported)
    assert only(engine, "delivery_held").evidence == "main is dirty"
    changes.record_delivery(engine.db, delivery, status=DeliveryStatus.CONFLICT, **reported)
    item = only(engine, "delivery_conflict")
    assert item.link == f"/workflows/{engine.workflow_id}/approve"
    with pytest.raises(Conflict, match="needs a decision"):
        service.dismiss(engine.db, item.id, by="ann")
    perform(engine.db, item.id, Act.APPROVE, Wish(by="ann"))
    assert kinds(engine) == []
    note_moved(engine.db, engine.workflow_id, before=None, commit="b" * 40)
    assert "main is now at bbbbbbbbbbbb" in only(engine, "base_moved").evidence


def test_workflows_and_hosts_that_stand_still(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    hosts.set_drain(engine.db, "a", drain=True)
    item = only(engine, "workflow_still")
    assert (item.condition, item.severity) == ("stands_still", "blocker")
    assert item.evidence == "No host takes agents: a is draining."
    hosts.set_drain(engine.db, "a", drain=False)
    assert kinds(engine) == []
    hosts.record_shortage(engine.db, "a", FaultCause.DISK, "2 GB left")
    unwell = only(engine, "host_unwell")
    assert unwell.host == "a"
    hosts.record_shortage(engine.db, "a", FaultCause.DISK, "1 GB left")
    assert only(engine, "host_unwell").id == unwell.id, "it is the same fault still"
    hosts.record_shortage(engine.db, "a", FaultCause.DISK, None)
    with engine.db.transaction() as session:
        session.execute(text("UPDATE hosts SET lease_expires_at = now() - interval '1 minute'"))
    assert set(kinds(engine)) == {"host_silent", "workflow_still"}


def test_models_that_fail_are_told_until_one_answers(engine: Engine) -> None:
    insert = text("""
        INSERT INTO llm_calls (id, kind, provider, model, counted_tokens, outcome)
        VALUES (:id, 'duplicate_judge', 'acme', 'm', 0, :outcome)
    """)
    for outcome, number in (("unavailable", 3), ("answered", 1)):
        with engine.db.transaction() as session:
            for _ in range(number):
                session.execute(insert, {"id": uuid4(), "outcome": outcome})
            assert llm.outcomes_of_hour(session)[outcome] == number
        expected = ["llm_failing"] if outcome == "unavailable" else []
        assert kinds(engine) == expected


def test_the_cost_does_not_grow_with_what_is_stored(engine: Engine) -> None:
    engine.start_workflow(has_result=True)
    item = failed(engine, "the one that failed")
    _fill(engine, workflows=500, tasks=20)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        found = service.inbox(engine.db)
        times.append(time.perf_counter() - begin)
    assert [one.id for one in found.items if one.kind == "task_failed"] == [item.id]
    assert min(times) < SOON, times
    with engine.db.reading() as session:
        read = session.execute(text("SELECT count(*) FROM tasks")).scalar_one()
    assert read > 10_000
    with engine.db.transaction() as session:
        session.execute(text("UPDATE workflows SET status = 'active'"))
    with counted(engine.db) as sent:
        found = service.inbox(engine.db, limit=0)
    assert (found.items, found.kinds) == ([], {"workflow_still": 200, "task_failed": 200})
    assert found.counts.more
    assert len(sent) < MOST_STATEMENTS
    assert not any("launch_params" in sql for sql in sent), "it needs no whole workflows"


def _fill(engine: Engine, *, workflows: int, tasks: int) -> None:
    """Copy a workflow with its tasks, all done or failed, and closed but for a few."""
    wanted = {"one": UUID(str(engine.workflow_id)), "workflows": workflows, "tasks": tasks}
    columns = "definition_id, title, description, status, repository, base_branch, config"
    rest = "integration_branch, working_directory, auto_merge, conflict_resolution, launch_params"
    with engine.db.transaction() as session:
        session.execute(
            text(f"""
                INSERT INTO workflows (id, {columns}, {rest}, delivery_status)
                SELECT gen_random_uuid(), {columns.replace("status,", "'stopped',")}, {rest}, 'none'
                FROM workflows, generate_series(1, :workflows) WHERE id = :one
            """),
            wanted,
        )
        session.execute(
            text("""
                INSERT INTO tasks (id, workflow_id, kind, title, description, done_definition,
                                   status, priority, required_labels, created_by, completed_at)
                SELECT gen_random_uuid(), w.id, 'work', 't', 'd', '',
                       CASE WHEN n % 5 = 0 THEN 'failed' ELSE 'done' END, 0, '{}', 'x', now()
                FROM workflows w, generate_series(1, :tasks) n WHERE w.id <> :one
            """),
            wanted,
        )
    with engine.db.reading() as session:
        session.execute(text("ANALYZE tasks, workflows"))


def test_agents_that_get_nowhere_and_hosts_that_nobody_watches(engine: Engine) -> None:
    engine.start_workflow()
    agents = []
    for name in ("boat", "mast", "sail", "oar"):
        engine.create(f"Mend the {name}", title=name)
        agents.append(engine.run(engine.claimed()))

    def judge(number: int, verdict: str, silent: str = "0 s") -> None:
        with engine.db.transaction() as session:
            session.execute(
                text(
                    "INSERT INTO agent_watches (agent_id, looked_at, verdict, evidence, "
                    "silent_since) VALUES (:id, now(), :verdict, '{make test}', "
                    "now() - CAST(:silent AS interval)) ON CONFLICT (agent_id) DO UPDATE "
                    "SET verdict = :verdict, silent_since = EXCLUDED.silent_since"
                ),
                {"id": agents[number].id, "verdict": verdict, "silent": silent},
            )

    def swept(alarm: str | None) -> None:
        with engine.db.transaction() as session:
            sweeps.note(session, "a", alarm)

    for number, verdict in enumerate(["looping", "unknown", "working", "idle_unreported"]):
        judge(number, verdict)
    assert sorted(kinds(engine)) == ["agent_stuck", "agent_unseen"]
    stuck = only(engine, "agent_stuck")
    assert stuck.title == "The agent of “boat” does the same again and again"
    assert (stuck.evidence, stuck.agent_id) == ("make test", agents[0].id)
    judge(0, "working")
    judge(1, "working")
    judge(3, "idle_unreported", "11 minutes")
    assert only(engine, "agent_stuck").agent_id == agents[3].id
    swept("it saw 3 of 4 agents")
    blind = only(engine, "host_unwatched")
    assert blind.evidence == "it saw 3 of 4 agents"
    swept("it has failed")
    assert only(engine, "host_unwatched").id == blind.id, "still the same alarm"
    swept(None)
    assert "host_unwatched" not in kinds(engine)
