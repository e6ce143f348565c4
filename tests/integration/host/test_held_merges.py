"""Merges and deliveries that an obstacle holds: reported once, and tried again after a pause."""

import contextlib
import sys
from datetime import timedelta

import psycopg2
import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import due
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.rules import MergeView
from hephaestus_core.db.engine import AWAY
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.summaries.service import summarize
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from tests.integration.host.conftest import Host
from tests.servers import Postgres, libpq_url

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"


def finished(host: Host, file: str) -> AgentView:
    """Return an agent that wrote a file, reported done and was ended; its work is not merged."""
    agent = host.claim(f"write: {{path: {file}, content: {file}}}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, file)
    host.engine.report_done(agent)
    finish_agent(host.worker(), agent.id)
    return agent


def merge_of(host: Host, agent: AgentView) -> MergeView:
    merges = changes.list_merges(host.engine.db, host.engine.workflow_id)
    return next(merge for merge in merges if merge.agent_id == agent.id)


def workflow_of(host: Host) -> WorkflowView:
    return lifecycle.get_workflow(host.engine.db, host.engine.workflow_id)


def after_a_while(host: Host) -> None:
    """Run the steps of a pass as if half a minute had passed."""
    with host.engine.db.transaction() as session:
        earlier = {"pause": timedelta(seconds=30)}
        session.execute(text("UPDATE merges SET held_at = held_at - :pause"), earlier)
        session.execute(
            text("UPDATE workflows SET delivery_held_at = delivery_held_at - :pause"), earlier
        )
    integrate(host.worker())


def reasons(host: Host, event_type: str) -> list[str]:
    return [event.data["reason"] for event in host.engine.events(event_type)]


def test_a_merge_into_a_branch_that_somebody_works_on_is_told_and_done_when_that_is_over(
    host: Host,
) -> None:
    finished(host, "first")
    integrate(host.worker())
    branch = workflow_of(host).integration_branch
    host.origin.git("checkout", "--quiet", branch)
    host.origin.write({"README.md": "mine\n"})

    second = finished(host, "second")
    third = finished(host, "third")
    integrate(host.worker())
    integrate(host.worker())

    held = merge_of(host, second)
    assert held.status == "pending"
    assert "uncommitted changes (1 files)" in str(held.reason)
    assert reasons(host, "merge.held") == [held.reason, held.reason], "one for each merge"
    assert changes.due_merges(host.engine.db) == [], "it rests"
    shown = summarize(host.engine.db, host.engine.workflow_id).held_merges
    assert [(each.task_id, each.reason) for each in shown] == [
        (agent.task_id, held.reason) for agent in (second, third)
    ]

    after_a_while(host)
    assert len(reasons(host, "merge.held")) == 2, "nothing has changed"
    host.origin.write({"first": "mine\n"})
    after_a_while(host)
    assert "uncommitted changes (2 files)" in reasons(host, "merge.held")[-1]

    host.origin.git("checkout", "--quiet", ".")
    after_a_while(host)
    assert tasks.get_task(host.engine.db, second.task_id).status == "done"
    assert merge_of(host, third).status == "merged"
    assert merge_of(host, second).reason is None
    assert summarize(host.engine.db, host.engine.workflow_id).held_merges == []
    assert (host.origin.path / "second").exists(), "the user's folder went along"


def test_a_merge_that_the_origin_refuses_is_told_and_keeps_no_other_waiting(host: Host) -> None:
    hook = host.origin.path / ".git" / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        '#!/bin/sh\ncase "$1" in refs/heads/hephaestus/task/*) exit 0;; esac\n'
        'git cat-file -e "$3:big" 2>/dev/null || exit 0\necho "big is too large" >&2\nexit 1\n'
    )
    hook.chmod(0o755)
    big, small = finished(host, "big"), finished(host, "small")

    integrate(host.worker())

    assert merge_of(host, small).status == "merged"
    refused = merge_of(host, big)
    assert refused.status == "pending"
    assert "big is too large" in str(refused.reason)
    assert reasons(host, "merge.held") == [refused.reason]

    hook.unlink()
    integrate(host.worker())
    assert merge_of(host, big).status == "pending", "it rests"
    after_a_while(host)
    assert tasks.get_task(host.engine.db, big.task_id).status == "done"


def test_a_database_that_is_away_during_a_merge_only_puts_it_off(
    host: Host, postgres_server: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    agent = finished(host, "made")
    name = str(host.settings.database_url).rpartition("/")[2]
    hook = host.origin.path / ".git" / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_LOSE_DATABASE.format(python=sys.executable, url=_admin(postgres_server)))
    hook.chmod(0o755)
    (hook.parent / "database").write_text(name)

    with pytest.raises(AWAY):
        integrate(host.worker())
    hook.unlink()
    with contextlib.closing(psycopg2.connect(_admin(postgres_server))) as connection:
        connection.autocommit = True
        connection.cursor().execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    integrate(host.worker())

    assert merge_of(host, agent).status == "merged"
    assert reasons(host, "merge.held") == []
    assert "merge_broke" not in caplog.text


#: A hook of the origin that takes the database away from everybody.
_LOSE_DATABASE = """#!{python}
import pathlib, psycopg2
name = pathlib.Path(__file__).with_name("database").read_text()
connection = psycopg2.connect({url!r})
connection.autocommit = True
cursor = connection.cursor()
cursor.execute('ALTER DATABASE "%s" ALLOW_CONNECTIONS false' % name)
cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
"""


def _admin(server: Postgres) -> str:
    return libpq_url(server.admin_url)


def test_a_held_delivery_rests_and_new_work_asks_for_it_at_once(host: Host) -> None:
    host.origin.write({"README.md": "mine\n"})
    finished(host, "first")
    integrate(host.worker())
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "held"
    assert changes.due_deliveries(host.engine.db) == [], "it rests"
    after_a_while(host)
    assert len(reasons(host, "workflow.delivery_held")) == 1

    host.origin.git("checkout", "--quiet", "README.md")
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "held"
    finished(host, "second")
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "delivered"
    assert (host.origin.path / "second").exists()


def test_a_held_delivery_goes_on_after_a_while(host: Host) -> None:
    host.origin.write({"README.md": "mine\n"})
    finished(host, "first")
    integrate(host.worker())
    host.origin.git("checkout", "--quiet", "README.md")

    after_a_while(host)

    assert workflow_of(host).delivery.status == "delivered"


def test_the_index_of_open_merges_serves_what_hosts_ask_every_other_second(host: Host) -> None:
    with host.engine.db.transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        query = text(f"EXPLAIN {due._DUE_MERGES.text}")
        plan = "\n".join(session.scalars(query, {"limit": 100}))
    assert "ix_merges_open" in plan
