"""Workflow definitions, workflows, results and merges."""

from typing import Any

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.agent_views import Message
from hephaestus_sdk.api.change_views import Diff, Merge, WorkflowFiles
from hephaestus_sdk.api.coherence_views import Coherence
from hephaestus_sdk.api.deletion_views import Deletion
from hephaestus_sdk.api.diagnosis_views import Diagnoses
from hephaestus_sdk.api.fact_views import Fact
from hephaestus_sdk.api.result_views import WorkflowResult
from hephaestus_sdk.api.routes.base import Routes, as_view, new_key, part
from hephaestus_sdk.api.summary import WorkflowSummary
from hephaestus_sdk.api.views import Task, Workflow
from hephaestus_sdk.definitions.stored_only import warn_of_stored_only


class WorkflowRoutes(Routes):
    """Routes below ``/workflow-definitions``, ``/workflows`` and ``/merges``."""

    def definitions(self, *, offered_only: bool = False) -> list[WorkflowDefinition]:
        """Return all registered workflow definitions, or those offered for launch."""
        items = self._connection.get("/workflow-definitions", {"all": not offered_only})["items"]
        return [WorkflowDefinition.from_dict(item, strict=False) for item in items]

    def definition(self, definition_id: str) -> WorkflowDefinition:
        """Return one registered workflow definition."""
        data = self._connection.get(f"/workflow-definitions/{part(definition_id)}")
        return WorkflowDefinition.from_dict(data, strict=False)

    def register(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        """Register a definition, or replace the one with its id.

        Gives a ``UserWarning`` for what is stored of it and not acted on yet.
        """
        warn_of_stored_only(definition, stacklevel=3)
        data = self._connection.put(
            f"/workflow-definitions/{part(definition.id)}", definition.to_dict()
        )
        return WorkflowDefinition.from_dict(data, strict=False)

    def delete_definition(self, definition_id: str) -> WorkflowDefinition:
        """Delete a definition; its workflows go on, as each keeps the phases it started with."""
        data = self._connection.delete(f"/workflow-definitions/{part(definition_id)}")
        return WorkflowDefinition.from_dict(data, strict=False)

    def start_workflow(self, definition_id: str, **values: Any) -> Workflow:
        """Start a workflow; ``values`` as ``POST /workflows`` takes them, None left out.

        A number as ``budget`` is dollars.
        """
        budget = values.get("budget")
        if isinstance(budget, (int, float)):
            values["budget"] = {"dollars": budget}
        body = {"definition_id": definition_id, **values}
        return as_view(Workflow, self._connection.post("/workflows", body, key=new_key()))

    def workflow(self, workflow_id: str) -> Workflow:
        """Return one workflow."""
        return as_view(Workflow, self._connection.get(self._workflow(workflow_id)))

    def workflows(
        self,
        *,
        status: str | None = None,
        condition: str | None = None,
        limit: int | None = None,
    ) -> list[Workflow]:
        """Return workflows, newest first, at most ``limit``; None means any."""
        items = self._pages("/workflows", {"status": status, "condition": condition}, limit)
        return [as_view(Workflow, item) for item in items]

    def stop_workflow(self, workflow_id: str, reason: str | None = None) -> Workflow:
        """Stop all tasks of a workflow and close it."""
        path = f"{self._workflow(workflow_id)}/stop"
        return as_view(Workflow, self._connection.post(path, {"reason": reason}))

    def preview_deletion(self, workflow_id: str) -> Deletion:
        """Return what the deletion of a workflow takes away, or how far it is."""
        path = f"{self._workflow(workflow_id)}/deletion"
        return as_view(Deletion, self._connection.get(path))

    def delete_workflow(self, workflow_id: str, *, drop_unmerged: bool = False) -> Deletion:
        """Delete a workflow in which nothing is at work, with its tasks, agents and events.

        Args:
            workflow_id: of the workflow.
            drop_unmerged: delete its branches even if nothing else holds their commits.

        Raises:
            Conflict: it has open tasks; stop it first.
        """
        data = self._connection.delete(
            self._workflow(workflow_id),
            {"drop_unmerged": str(drop_unmerged).lower()},
            repeatable=True,
        )
        return as_view(Deletion, data)

    def approve_workflow(self, workflow_id: str, expected_commit: str | None = None) -> Workflow:
        """Let a workflow that waits for approval go on to its base branch.

        If that was moved otherwise than forward (`base_moved_to`), this accepts the move instead:
        held merges and a held delivery go on with the branch as it is now.

        Args:
            workflow_id: its id.
            expected_commit: that of the diff that was looked at; no other one is delivered.

        Raises:
            CommitMoved: its diff is one of another commit now.
        """
        path = f"{self._workflow(workflow_id)}/approve"
        body = {"expected_commit": expected_commit}
        return as_view(Workflow, self._connection.post(path, body))

    def send_back_workflow(
        self, workflow_id: str, feedback: str, *, expected_commit: str | None = None
    ) -> Task:
        """Have work that waits for its delivery mended; return the task that does it.

        Raises:
            Conflict: nothing waits for its delivery; ``CommitMoved`` if its diff is one of another
                commit than ``expected_commit`` now.
        """
        path = f"{self._workflow(workflow_id)}/send-back"
        body = {"feedback": feedback, "expected_commit": expected_commit}
        return as_view(Task, self._connection.post(path, body))

    def change_limits(
        self,
        workflow_id: str,
        *,
        tasks_per_workflow: int | None = None,
        tasks_per_attempt: int | None = None,
        task_depth: int | None = None,
        messages_per_minute: int | None = None,
        tasks_per_diagnosis: int | None = None,
        diagnoses_per_workflow: int | None = None,
    ) -> Workflow:
        """Change limits of a running workflow, for its running agents too; None: as it is."""
        body = {
            "tasks_per_workflow": tasks_per_workflow,
            "tasks_per_attempt": tasks_per_attempt,
            "task_depth": task_depth,
            "messages_per_minute": messages_per_minute,
            "tasks_per_diagnosis": tasks_per_diagnosis,
            "diagnoses_per_workflow": diagnoses_per_workflow,
        }
        path = f"{self._workflow(workflow_id)}/limits"
        return as_view(Workflow, self._connection.post(path, body))

    def diagnoses(self, workflow_id: str) -> Diagnoses:
        """Return the runs of the diagnostician on a workflow, and whether another one is due."""
        path = f"{self._workflow(workflow_id)}/diagnoses"
        return as_view(Diagnoses, self._connection.get(path))

    def coherence(self, workflow_id: str) -> Coherence:
        """Return how the live agents of a workflow get along."""
        path = f"{self._workflow(workflow_id)}/coherence"
        return as_view(Coherence, self._connection.get(path))

    def facts(self, workflow_id: str) -> list[Fact]:
        """Return the facts of the repository that count in a workflow."""
        items = self._connection.get(f"{self._workflow(workflow_id)}/facts")["items"]
        return [as_view(Fact, item) for item in items]

    def correct_facts(
        self,
        workflow_id: str,
        *,
        setup_command: str | None = None,
        test_command: str | None = None,
        lint_command: str | None = None,
        build_command: str | None = None,
        notes: str | None = None,
    ) -> list[Fact]:
        """Record facts that no agent of the workflow changes; return all that count.

        An empty text takes a fact back; None leaves it.
        """
        body = {
            "setup_command": setup_command,
            "test_command": test_command,
            "lint_command": lint_command,
            "build_command": build_command,
            "notes": notes,
        }
        items = self._connection.post(f"{self._workflow(workflow_id)}/facts", body)["items"]
        return [as_view(Fact, item) for item in items]

    def summary(self, workflow_id: str) -> WorkflowSummary:
        """Return the summary of a workflow."""
        data = self._connection.get(f"{self._workflow(workflow_id)}/summary")
        return as_view(WorkflowSummary, data)

    def broadcast(
        self, workflow_id: str, text: str, *, phase_id: int | None = None
    ) -> list[Message]:
        """Send a message to every live agent of a workflow; return one for each.

        Args:
            workflow_id: of the workflow.
            text: of the message.
            phase_id: only to agents at tasks of this phase.
        """
        path = f"{self._workflow(workflow_id)}/messages"
        items = self._connection.post(path, {"text": text, "phase_id": phase_id})["items"]
        return [as_view(Message, item) for item in items]

    def workflow_diff(self, workflow_id: str) -> Diff:
        """Return the diff of a workflow's merged work."""
        return as_view(Diff, self._connection.get(f"{self._workflow(workflow_id)}/diff"))

    def workflow_files(
        self,
        workflow_id: str,
        *,
        task_id: str | None = None,
        agent_id: str | None = None,
        path: str | None = None,
    ) -> WorkflowFiles:
        """Return the files that a workflow's merged work changed, and which tasks did it.

        Args:
            workflow_id: of the workflow, whose repository is on the server's machine.
            task_id: only what this task changed.
            agent_id: only what this attempt changed.
            path: only this file, or what lies below this folder.
        """
        asked = {
            "task_id": None if task_id is None else self.full_id(task_id, IdKind.TASK),
            "agent_id": None if agent_id is None else self.full_id(agent_id, IdKind.AGENT),
            "path": path,
        }
        found = self._connection.get(f"{self._workflow(workflow_id)}/files", asked)
        return as_view(WorkflowFiles, found)

    def results(self, workflow_id: str) -> list[WorkflowResult]:
        """Return all submitted results, oldest first."""
        items = self._pages(f"{self._workflow(workflow_id)}/results", {}, None)
        return [as_view(WorkflowResult, item) for item in items]

    def result(self, result_id: str) -> WorkflowResult:
        """Return one result."""
        path = f"/results/{self.full_id(result_id, IdKind.RESULT)}"
        return as_view(WorkflowResult, self._connection.get(path))

    def judge_result(self, result_id: str, *, passed: bool, feedback: str = "") -> WorkflowResult:
        """Accept or reject a result that waits for its judgement; its reviewer is stopped.

        Args:
            result_id: of the result, or the beginning of it.
            passed: it is accepted; otherwise it is rejected.
            feedback: the reason; needed for a rejection.

        Raises:
            Conflict: it was judged before, or another one was accepted.
        """
        path = f"/results/{self.full_id(result_id, IdKind.RESULT)}/judge"
        body = {"passed": passed, "feedback": feedback}
        return as_view(WorkflowResult, self._connection.post(path, body))

    def result_file(self, file_id: str) -> bytes:
        """Return the content of a file that was handed in with a result.

        Agents make these files: open them with the caution that strangers' files need.
        """
        return self._connection.download(f"/result-files/{part(file_id)}")

    def merges(self, workflow_id: str) -> list[Merge]:
        """Return the merges of a workflow, oldest first."""
        items = self._pages(f"{self._workflow(workflow_id)}/merges", {}, None)
        return [as_view(Merge, item) for item in items]

    def merge(self, merge_id: str) -> Merge:
        """Return one merge with its conflicts."""
        path = f"/merges/{self.full_id(merge_id, IdKind.MERGE)}"
        return as_view(Merge, self._connection.get(path))
