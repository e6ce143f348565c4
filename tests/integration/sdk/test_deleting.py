"""The SDK and the command line delete a workflow, after a look at what goes."""

import pytest

from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.errors import Conflict, NotFound
from tests.integration.sdk.commands import Invoke, parsed


def begun(sdk: HephaestusSDK) -> str:
    sdk.create_task("Paint the bridge.")
    return str(sdk.workflow_id)


def test_the_sdk_deletes_a_workflow_that_has_ended(sdk: HephaestusSDK) -> None:
    id_ = begun(sdk)
    with pytest.raises(Conflict, match="Stop it first"):
        sdk.delete_workflow(id_)
    sdk.stop_workflow(id_)
    shown = sdk.client.preview_deletion(id_)
    assert (shown.counts.tasks, shown.asked_by, shown.refusal) == (1, None, None)
    assert sdk.delete_workflow(id_).asked_by == "admin"
    assert sdk.delete_workflow(id_).asked_by == "admin", "asked again"
    with pytest.raises(NotFound):
        sdk.client.workflow(id_)


def test_the_command_asks_first(sdk: HephaestusSDK, invoke: Invoke) -> None:
    id_ = begun(sdk)
    sdk.stop_workflow(id_)
    code, said = invoke("workflow", "delete", id_, typed="n\n")
    assert code == 1
    assert "goes:  1 tasks" in said
    assert "Delete it? [y/N]" in said
    assert parsed(invoke("workflow", "delete", id_, "--preview", "--json"))["asked_by"] is None
    assert invoke("workflow", id_)[0] == 0, "it is still there"
    code, said = invoke("workflow", "delete", id_[:8], "--yes")
    assert code == 0, said
    assert said.endswith(" is deleted\n")
    assert invoke("workflow", id_)[0] == 10
    assert invoke("workflow", "show", id_)[0] == 10


def test_the_command_refuses_what_is_at_work(sdk: HephaestusSDK, invoke: Invoke) -> None:
    id_ = begun(sdk)
    code, said = invoke("workflow", "delete", id_, "--yes")
    assert code == 12
    assert "Stop it first" in said
    sdk.stop_workflow(id_)
