from hephaestus_core.agents import hosting
from hephaestus_core.messages import service as messages
from hephaestus_core.results import service as results
from hephaestus_core.reviews.service import page_of_reviews, send_back
from hephaestus_core.tasks import service as tasks
from tests.engine import PHASES, Engine


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


def test_a_judge_and_accepted_work_are_not_sent_back(engine: Engine) -> None:
    engine.start_workflow(has_result=True, result_criteria="it works", on_result_found="stop_all")
    engine.create()
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")
    waiting = hosting.waiting_for(engine.db, author.id)
    hosting.record_checkpoint(
        engine.db, author.id, fence=author.fence, commit="saved", waiting=waiting
    )
    judge = engine.run(engine.claimed())
    results.judge(engine.db, judge.id, passed=True, feedback="checked")

    assert not send_back(engine.db, judge.id, reason="commit first")
    assert not send_back(engine.db, author.id, reason="commit first")

    engine.end(author, uncommitted=True)
    engine.end(judge, uncommitted=True)
    assert engine.merge_due() == 1
    ended = [tasks.get_task(engine.db, each.task_id).status for each in (author, judge)]
    assert ended == ["done", "done"]


def test_reported_work_with_uncommitted_changes_is_not_reviewed(engine: Engine) -> None:
    check = {"check_type": "command_success", "command": "true"}
    validation = {"enabled": True, "criteria": [check]}
    engine.start_workflow(phases=[{**PHASES[0], "validation": validation}])
    task = engine.create()
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent, uncommitted=True, conversation="talk")
    assert engine.status(task) == "queued"
    assert page_of_reviews(engine.db, task_id=task.id)[0] == []
    tasks.bump_task(engine.db, task.id)
    assert engine.claimed().resumes_id == agent.id
