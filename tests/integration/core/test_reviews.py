from hephaestus_core.messages import service as messages
from hephaestus_core.reviews.service import send_back
from tests.engine import Engine


def test_work_sent_back_goes_on_with_the_same_agent(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    engine.report_done(agent)

    assert send_back(engine.db, agent.id, reason="commit first")

    assert engine.status(task) == "needs_work"
    assert [m.text for m in messages.take_unread(engine.db, agent.id)[0]] == ["commit first"]
    engine.finish(agent)
    assert engine.status(task) == "done"


def test_only_work_under_review_is_sent_back(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    assert not send_back(engine.db, agent.id, reason="commit first")
