"""Only the commit that a person has looked at goes to the base branch."""

from hephaestus_core.changes.diffs import workflow_diff
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.approving import approve_delivery
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_worker.passes.integrating import integrate
from tests.integration.host.conftest import Host
from tests.integration.host.test_held_merges import finished, workflow_of


def test_a_commit_that_came_after_the_look_is_asked_about_and_not_delivered(host: Host) -> None:
    order = LaunchOrder(
        definition_id=host.engine.define(), repository=str(host.origin.path), auto_merge=False
    )
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
    finished(host, "first")
    integrate(host.worker())
    workflow = workflow_of(host)
    assert workflow.delivery.status == "awaiting_approval"
    looked_at = workflow_diff(host.engine.db, workflow.id)
    assert looked_at.commit == host.origin.tip(workflow.integration_branch)

    approve_delivery(host.engine.db, workflow.id, expected_commit=str(looked_at.commit))
    main = host.origin.tip("main")
    # Somebody pushes to the branch before the delivery.
    host.origin.git("branch", "--force", workflow.integration_branch, main)
    integrate(host.worker())

    assert host.origin.tip("main") == main
    asked = workflow_of(host)
    assert asked.delivery.status == "awaiting_approval"
    assert "more work came" in str(asked.delivery.reason)
    assert workflow_diff(host.engine.db, workflow.id).commit == main

    host.origin.git("branch", "--force", workflow.integration_branch, str(looked_at.commit))
    approve_delivery(host.engine.db, workflow.id, expected_commit=main[:12])
    integrate(
        host.worker()
    )  # it is back at what was looked at first, which is not what is approved
    approve_delivery(host.engine.db, workflow.id, expected_commit=str(looked_at.commit))
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "delivered"
    assert host.origin.git("show", "main:first").strip() == "first"
