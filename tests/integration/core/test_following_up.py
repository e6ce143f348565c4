"""Judgements on agents are followed up, and a report tells how good they were."""

from uuid import UUID

from sqlalchemy import text

from hephaestus_core.agents.views import AgentView
from hephaestus_core.db.engine import Database
from hephaestus_core.guardian.following_up import follow_up, report
from tests.engine import Engine
from tests.judgements import keep


def judged(db: Database, engine: Engine, words: str) -> AgentView:
    """Return an agent that a model wants to steer."""
    engine.create(words)
    agent = engine.run(engine.claimed())
    keep(db, agent.id, steers=True, focus=words)
    return agent


def aged(db: Database, agent_id: UUID, days: float = 0, minutes: float = 11) -> None:
    with db.transaction() as session:
        session.execute(
            text(
                "UPDATE trajectory_summaries SET asked_at = "
                "now() - make_interval(days => :days, mins => :minutes) WHERE agent_id = :agent"
            ),
            {"agent": agent_id, "days": int(days), "minutes": int(minutes)},
        )


def test_what_agents_did_after_a_judgement_is_noted_once_and_counted(
    db: Database, engine: Engine
) -> None:
    engine.start_workflow()
    engine.with_host("a", slots=5)
    reports, ends, works = (judged(db, engine, each) for each in ("report", "end", "work"))
    keep(db, works.id, focus="not in the sample")
    assert follow_up(db) == 0, "nobody had the time to do anything"

    engine.report_done(reports)
    engine.end(ends)
    aged(db, reports.id)
    keep(db, works.id, steers=True, focus="still off its way")
    with db.transaction() as session:  # it was judged twice, long ago and just now
        session.execute(
            text(
                "UPDATE trajectory_summaries SET asked_at = now() - interval '1 hour' "
                "WHERE focus = 'work'"
            )
        )
    assert follow_up(db) == 3
    assert follow_up(db) == 0

    found = report(db)
    told = {each.agent_id: (each.headway, each.afterwards) for each in found.sample}
    assert told[reports.id] == (True, "It has reported its task done.")
    assert told[ends.id] == (True, "New work of it was saved.")
    assert told[works.id] == (False, "It still needs steering (alignment 0.25, then 0.25).")
    assert found.calls == {"answered": 5}
    [drifting] = found.figures
    assert (drifting.steering_type, drifting.judgements) == ("drifting", 4)
    assert (drifting.followed, drifting.headway, drifting.no_headway) == (3, 2, 1)


def test_judgements_are_forgotten_after_a_month(db: Database, engine: Engine) -> None:
    engine.start_workflow()
    engine.with_host("a", slots=5)
    old, new = judged(db, engine, "old work"), judged(db, engine, "new plans")
    aged(db, old.id, days=31)
    follow_up(db)
    assert [each.agent_id for each in report(db, days=30).sample] == [new.id]
    with db.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM trajectory_summaries")) == 1
