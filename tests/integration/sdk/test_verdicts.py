"""Every door takes a verdict on reviewed work, and refuses what no verdict may do."""

from collections.abc import Callable

import httpx
import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.reviews import checking
from hephaestus_core.tasks.service import get_task
from hephaestus_sdk import HephaestusClient
from hephaestus_sdk.errors import HephaestusError
from tests.engine import PHASES, Engine
from tests.integration.mcp.callers import LiveAgent, Person, refusal, start_agent
from tests.integration.mcp.callers import answer as told
from tests.integration.sdk.commands import Invoke
from tests.web_server import ADMIN, WebServer

#: Gives a verdict; returns the code of the refusal, or the review's status.
Verdict = Callable[..., str]


@pytest.fixture
def engine(web: WebServer) -> Engine:
    return Engine(web.database).with_host("a", slots=1000)


def reported(engine: Engine, *, reviewer: str) -> LiveAgent:
    """Return the author of work at commit c1 that waits for the verdict of this reviewer."""
    validation = {"enabled": True, "criteria": ["It is right."], "reviewer": reviewer}
    engine.start_workflow(phases=[{**PHASES[0], "validation": validation}, PHASES[1]])
    author = start_agent(engine)
    engine.report_done(author.view)
    checking.begin_review(engine.db, author.view.id, commit="c1" * 20)
    engine.end(author.view, commit="c1" * 20)
    return author


def by_rest(web: WebServer, task_id: str, **verdict: object) -> str:
    url = f"{web.url}/api/v1/tasks/{task_id}/review"
    headers = {"Authorization": f"Bearer {ADMIN}"}
    body = httpx.post(url, json=verdict, headers=headers).json()
    return str(body.get("code") or body["status"])


def by_mcp(web: WebServer, task_id: str, *, good: bool, **verdict: object) -> str:
    if good:
        return str(told(web, Person(ADMIN), "review_task", task_id=task_id, **verdict)["status"])
    return str(refusal(web, Person(ADMIN), "review_task", task_id=task_id, **verdict)["code"])


def by_sdk(web: WebServer, task_id: str, *, passed: bool, **verdict: str) -> str:
    with HephaestusClient(web.url, ADMIN) as client:
        try:
            return client.review_task(task_id, passed=passed, **verdict).status
        except HephaestusError as error:
            return error.code


def by_cli(invoke: Invoke, task_id: str, *, passed: bool, feedback: str = "", commit: str) -> str:
    how = ["--pass"] if passed else ["--fail", feedback]
    _, said = invoke("review", task_id, *how, "--commit", commit)
    return said


@pytest.mark.parametrize("door", ["rest", "mcp", "sdk", "cli"])
def test_a_person_judges_once_and_only_what_was_looked_at(
    web: WebServer, engine: Engine, invoke: Invoke, door: str
) -> None:
    author = reported(engine, reviewer="person")
    task_id = str(author.view.task_id)

    def verdict(*, passed: bool, commit: str, good: bool = False) -> str:
        if door == "mcp":
            return by_mcp(web, task_id, passed=passed, commit=commit, good=good)
        if door == "cli":
            return by_cli(invoke, task_id, passed=passed, commit=commit)
        ways = {"rest": by_rest, "sdk": by_sdk}
        return ways[door](web, task_id, passed=passed, commit=commit)

    another = verdict(passed=True, commit="0ld")
    without_feedback = verdict(passed=False, commit="c1c1")
    taken = verdict(passed=True, commit="c1c1", good=True)
    again = verdict(passed=True, commit="c1c1")

    said = [another, without_feedback, taken, again]
    if door == "cli":
        expected = ["now, not 0ld", "feedback", "the review is passed", "No review of task"]
        assert all(text in shown for text, shown in zip(expected, said, strict=True)), said
    else:
        assert said == ["review_decided", "invalid_input", "passed", "review_decided"]
    engine.merge_due()
    assert get_task(engine.db, author.view.task_id).status == "done"


def test_agents_judge_only_the_work_of_others_once(web: WebServer, engine: Engine) -> None:
    author = reported(engine, reviewer="agent")
    judge = _judge(engine)
    stranger = start_agent(engine)

    verdict = {"passed": True, "feedback": "It is right."}
    assert refusal(web, stranger, "give_task_review", **verdict)["code"] == "forbidden"
    assert refusal(web, author, "give_task_review", **verdict)["code"] == "stale_attempt"
    assert told(web, judge, "give_task_review", **verdict)["status"] == "passed"
    assert refusal(web, judge, "give_task_review", **verdict)["code"] == "review_decided"
    engine.finish(stranger.view)
    assert get_task(engine.db, author.view.task_id).status == "done"


def _judge(engine: Engine) -> LiveAgent:
    """Return the agent whose task is the review."""
    agent: AgentView = engine.claimed()
    token = f"heph_agent_{agent.id}"
    return LiveAgent(engine.run(agent, token=token), token)
