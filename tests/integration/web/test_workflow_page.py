"""What the page of a workflow shows of its agents: judgements, use and hosts."""

import html
import re
from typing import Any
from uuid import UUID

import httpx

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents.views import Trouble
from hephaestus_core.budgets.service import set_budget
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.statuses import BudgetScope, Containment
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.guardian.judging import note_outcome
from hephaestus_core.hosts import service as hosts
from hephaestus_core.tasks.service import bump_task, cancel_task
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine
from tests.integration.web.browsing import HOSTILE, browser, hidden, log_in
from tests.judgements import keep
from tests.web_server import WebServer

VIEWER = "heph_api_viewer_of_workflows_and_long"


def test_a_workflow_shows_how_a_model_judges_its_agents(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    engine.create("Paint the bridge.")
    agent = engine.run(engine.claimed())
    keep(web.database, agent.id, focus=HOSTILE, steers=True)
    note_outcome(web.database, "a", LlmOutcome.UNAVAILABLE, f"Nobody answers. {HOSTILE}")
    text = visitor.get(f"/workflows/{agent.workflow_id}").text
    assert "<script>alert" not in text
    page = html.unescape(text)
    assert f"25 % aligned: {HOSTILE}" in page
    assert "Needs steering (drifting):</b> Go back." in page
    assert f"On a: Nobody answers. {HOSTILE}" in page
    note_outcome(web.database, "a", LlmOutcome.ANSWERED, None)
    assert "Nobody answers." not in visitor.get(f"/workflows/{agent.workflow_id}").text


def test_a_workflow_shows_what_it_has_used_and_its_budget(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    engine.create("Paint the lighthouse.")
    agent = engine.run(engine.claimed())
    assert "<dt>Used</dt>" not in visitor.get(f"/workflows/{agent.workflow_id}").text
    turns = [
        Turn("one", Tokens(input_tokens=2_000_000), "claude-haiku-4-5"),
        Turn("two", Tokens(input_tokens=30), HOSTILE),
    ]
    record_turns(web.database, agent.id, turns, {})
    set_budget(web.database, BudgetScope.WORKFLOW, agent.workflow_id, Amount(8.0), by="ann")
    page = visitor.get(f"/workflows/{agent.workflow_id}").text
    assert "$2.00, 2,000,030 tokens, of which 30 have no known price" in page
    assert "$2.00 of $8.00, and 30 tokens without a known price" in page


def test_a_workflow_says_how_the_hosts_of_its_agents_hold_them(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database).with_host("a")
    hosts.register(
        *(web.database, "a"),
        slots=4,
        labels=[],
        lease_seconds=60,
        containment=Containment.SUBREAPER,
        containment_obstacle="unshare: <refused>",
    )
    agent = engine.run(engine.claimed())
    page = visitor.get(f"/workflows/{agent.workflow_id}").text
    assert "(unshare: &lt;refused&gt;)" in page
    assert f"On a: {Containment.SUBREAPER.sentence} (unshare: " in html.unescape(page)


def test_a_workflow_says_which_version_of_a_file_was_kept_and_what_has_happened(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    engine.create("Paint the harbour.", title=f"Paint {HOSTILE}")
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent)
    conflict = {"path": f"{HOSTILE}.py", "kind": "content", "kept": "theirs"}
    conflict |= {"ours_commit": "a1b2c3d4" * 5, "theirs_commit": "0f1e2d3c" * 5}
    [job] = changes.due_merges(web.database)
    changes.record_merge(
        web.database, job.merge_id, MergeReport("merged", "badc0ffe", conflicts=[conflict])
    )
    text = visitor.get(f"/workflows/{agent.workflow_id}").text
    assert "<script>alert" not in text
    page = re.sub(r"</?code>", "", html.unescape(text))
    assert f"Kept the newer side of {HOSTILE}.py, that of 0f1e2d3c of {agent.branch};" in page
    assert "the other is at a1b2c3d4 of hephaestus/two-phases" in page
    assert "1 merged, " in page
    assert "is merged; 1 file in conflict decided" in page


def test_the_bars_of_the_timeline_are_explained(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a", slots=1000)
    failed(engine, "Paint the pier.")
    task = engine.create("Paint the quay.")
    bump_task(web.database, task.id)
    agent = engine.run(engine.claimed())
    assert agent.task_id == task.id
    cancel_task(web.database, task.id)
    engine.end(agent)
    page = visitor.get(f"/workflows/{workflow['id']}?view=timeline").text
    legend = page.partition('class="legend"')[2].partition("</p>")[0]
    assert re.findall(r'<rect class="(\w+)"', legend) == ["at_work", "done", "failed", "stopped"]
    words = re.findall(r"</svg> ([^<]+)<", legend)
    assert words == ["at work", "done", "failed", "stopped"]
    bars = page.partition('class="timeline"')[2]
    assert 'class="failed"' in bars
    assert 'class="stopped"' in bars


def test_a_viewer_sees_no_act(web: WebServer, workflow: dict[str, Any]) -> None:
    ensure_token(web.database, name="onlooker", role="viewer", token="looking-on")
    with browser(web) as client:
        log_in(client, token="looking-on")
        page = client.get(f"/workflows/{workflow['id']}")
        assert page.status_code == 200
        assert "Stop this workflow" not in page.text
        assert client.get(f"/workflows/{workflow['id']}/stop").status_code == 403
        nodes = client.get(f"/workflows/{workflow['id']}/graph").json()["nodes"]
        assert [node[0] for node in nodes] == [workflow["initial_task_id"]]


def test_failed_tasks_are_restarted_together_and_each_says_what_came_of_it(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a", slots=10)
    path = f"/workflows/{workflow['id']}"
    before = visitor.get(path).text
    assert 'name="task"' not in before, "nothing has failed"
    first, second, third = (
        failed(engine, f"Paint the {part}. {HOSTILE}") for part in ("bow", "stern", "keel")
    )
    page = visitor.get(path).text
    assert page.count('<input type="checkbox" form="restart-failed"') == 3
    assert "Restart all 3 failed" in page
    form = {"csrf_token": hidden(page, "csrf_token")}
    sent = visitor.post(f"{path}/restart-failed", data=form | {"task": [str(first.id)]})
    assert (sent.status_code, "1 of 1 task queued again" in sent.text) == (200, True)
    assert "<script>alert" not in sent.text
    assert [engine.status(task) for task in (first, second)] == ["queued", "failed"]
    again = visitor.post(
        f"{path}/restart-failed", data=form | {"task": [str(first.id), str(second.id)]}
    )
    assert "1 of 2 tasks queued again" in again.text
    assert "It is queued meanwhile, not failed." in again.text
    ensure_token(web.database, name="vera", role="viewer", token=VIEWER)
    with browser(web) as viewer:
        log_in(viewer, VIEWER)
        assert '<input type="checkbox"' not in viewer.get(path).text
        assert viewer.post(f"{path}/restart-failed", data=form | {"all": "yes"}).status_code == 403
    rest = visitor.post(f"{path}/restart-failed", data=form | {"all": "yes"})
    assert "1 of 1 task queued again" in rest.text
    assert engine.status(third) == "queued"
    for wrong in ({}, {"task": "none"}, {"all": "yes"}):
        assert visitor.post(f"{path}/restart-failed", data=form | wrong).status_code == 422, wrong


def failed(engine: Engine, description: str) -> TaskView:
    task = engine.create(description)
    agent = engine.run(engine.claimed())
    while agent.task_id != task.id:
        agent = engine.run(engine.claimed())
    engine.end(agent, failure=Trouble("permanent", "no such model"))
    return task
