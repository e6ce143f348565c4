"""A step of a host's pass that fails does not hold up the others."""

from sqlalchemy import text

from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.reconcile import reconcile
from tests.integration.host.conftest import Host


def test_finished_work_is_merged_though_mail_cannot_be_looked_for(host: Host) -> None:
    agent = host.claim("write: {path: made, content: made}")
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    host.engine.report_done(agent)
    finish_agent(host.worker(), agent.id)
    with host.engine.db.transaction() as session:
        session.execute(text("ALTER TABLE messages RENAME TO broken"))

    reconcile(host.worker())

    [merge] = host.engine.events("merge.recorded")
    assert merge.task_id == agent.task_id
