"""Somebody who comes back is told what happened, since when they were here last."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.access.service import ensure_token, person_of_hash
from hephaestus_core.agents import store as agents
from hephaestus_core.agents.views import Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.contract.statuses import DeliveryStatus, InterventionAction, MergeStatus
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.db.engine import Database
from hephaestus_core.digests.service import decisions_of, digest
from hephaestus_core.guardian import interventions
from hephaestus_core.lifecycle.service import stop_workflow
from hephaestus_core.tokens import token_hash
from hephaestus_core.visits.service import last_visit, note_visit
from tests.engine import Engine
from tests.integration.core.test_duplicates import RETRY, THRESHOLDS
from tests.statements import counted


def now(db: Database) -> datetime:
    with db.reading() as session:
        return session.scalars(text("SELECT clock_timestamp()")).one()


def someone(db: Database, name: str) -> UUID:
    ensure_token(db, name=name, role="viewer", token=name)
    found = person_of_hash(db, token_hash(name)).token_id
    assert found is not None
    return found


def away(db: Database, interval: str) -> datetime:
    """Let all people have been last seen that long ago; returns when that was."""
    with db.transaction() as session:
        moved = "UPDATE visits SET last_seen_at = now() - CAST(:by AS interval)"
        return session.scalars(text(f"{moved} RETURNING last_seen_at"), {"by": interval}).one()


def test_a_visit_ends_half_an_hour_after_its_last_request(db: Database) -> None:
    ann, bob = someone(db, "ann"), someone(db, "bob")
    note_visit(db, ann)
    assert last_visit(db, ann) is None, "it is the first one"
    away(db, "29 minutes")
    note_visit(db, ann)
    assert last_visit(db, ann) is None, "it is the first one still"
    left = away(db, "10 hours")
    assert last_visit(db, ann) == left, "a page that was left open tells it too"
    for _ in range(2):
        note_visit(db, ann)
        assert last_visit(db, ann) == left
    assert last_visit(db, bob) is None


def test_what_happened_is_told_by_workflow(engine: Engine) -> None:
    quiet = engine.start_workflow()
    engine.create("Done before")
    engine.finish(engine.run(engine.claimed()))
    _deliver(engine)
    since = now(engine.db)
    _happens(engine)
    found = digest(engine.db, since)
    assert quiet.id not in {each.workflow.id for each in found.workflows}
    [told] = found.workflows
    assert told.workflow.id == engine.workflow_id
    assert told.outcome == "1 task done, 1 failed, delivered to main"
    assert (told.merges, told.insertions, told.deletions) == (1, 120, 30)
    assert (told.dollars, told.unpriced_tokens) == (0, 11)
    assert [(each.kind, each.text) for each in told.decisions] == [
        ("delivery", "Its work went to main"),
        (
            "conflict",
            "Kept the version of “Set the prices” of prices.py; the other is in commit aaaaaaaa",
        ),
        ("guardian", "The Guardian sent a message to the agent of “Set the prices”: looping"),
        ("duplicate", "Did not run “Set the prices”: the same as “Set the prices”"),
    ]
    assert not told.more_decisions
    assert len(told.at_work) >= 1
    assert since <= told.opened_at <= told.at_work[0][0] <= told.at_work[-1][1] <= told.ended_at
    assert 0 < told.seconds_at_work <= (told.ended_at - told.opened_at).total_seconds()
    assert digest(engine.db, now(engine.db)).workflows == []


def test_whatever_was_decided_without_a_person_is_listed_in_pages(engine: Engine) -> None:
    engine.start_workflow()
    since = now(engine.db)
    _happens(engine)
    engine.create("Mend the sail")
    agent = engine.run(engine.claimed())
    for number in range(11):
        _steer(engine, agent.id, str(number))
    [told] = digest(engine.db, since).workflows
    assert (len(told.decisions), told.more_decisions) == (10, True)
    listed, before = decisions_of(engine.db, engine.workflow_id, most=6)
    assert len(listed) == 6
    while before is not None:
        page, before = decisions_of(engine.db, engine.workflow_id, before=before, most=6)
        listed += page
    assert listed[:10] == told.decisions
    kinds = Counter(each.kind for each in listed)
    assert kinds == {"guardian": 12, "conflict": 1, "duplicate": 1, "delivery": 1}
    assert decisions_of(engine.db, engine.workflow_id) == (listed, None)


def test_a_workflow_that_was_stopped_before_it_began_is_told(engine: Engine) -> None:
    id_ = engine.start_workflow().id
    engine.create("never begun")
    since = now(engine.db)
    stop_workflow(engine.db, id_)
    [told] = digest(engine.db, since).workflows
    assert (told.workflow.id, told.outcome) == (id_, "1 task cancelled")


def test_its_cost_does_not_grow_with_the_workflows(engine: Engine) -> None:
    since = now(engine.db)
    sent = []
    for _ in range(2):
        for _ in range(3):
            engine.start_workflow()
        with counted(engine.db) as statements:
            found = digest(engine.db, since, most=4)
        sent.append(len(statements))
    assert sent[0] == sent[1]
    assert (len(found.workflows), found.more) == (4, True)
    assert {each.outcome for each in found.workflows} == {"launched, no task ended yet"}


def _steer(engine: Engine, agent_id: UUID, key: str) -> None:
    with engine.db.transaction() as session:
        [row] = agents.of_ids(session, [agent_id])
        steer = InterventionAction.STEER
        interventions.add(session, row, steer, cause="looping", key=key, text="Stop that.")


def _happens(engine: Engine) -> None:
    """Let all that a digest tells happen in a new workflow."""
    engine.launch()

    for _ in range(2):
        engine.create(RETRY, title="Set the prices", compared=THRESHOLDS)
    agent = engine.run(engine.claimed())
    _steer(engine, agent.id, "k")
    record_turns(engine.db, agent.id, [Turn("1", Tokens(10, 1), "odd")], {})
    engine.report_done(agent)
    engine.end(agent, files=1, insertions=120, deletions=30)
    kept = [{"path": "prices.py", "kind": "content", "kept": "theirs", "ours_commit": "a" * 40}]
    for job in changes.due_merges(engine.db):
        report = MergeReport(MergeStatus.MERGED, "m", conflicts=kept)
        changes.record_merge(engine.db, job.merge_id, report)
    engine.create("Mend the boat")
    engine.end(engine.run(engine.claimed()), failure=Trouble("permanent", "no such model"))
    _deliver(engine)


def _deliver(engine: Engine) -> None:
    """Bring the work of all workflows to their base branches."""
    for delivery in changes.due_deliveries(engine.db):
        changes.record_delivery(
            engine.db, delivery, status=DeliveryStatus.DELIVERED, reason=None, commit="d"
        )
