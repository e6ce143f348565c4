"""The calls of a started SDK: workflows, tasks, agents, events and waits."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import signature
from typing import Any

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.ids import IdKind
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.statuses import WorkflowStatus
from hephaestus_sdk.api.deletion_views import Deletion
from hephaestus_sdk.api.result_views import WorkflowResult
from hephaestus_sdk.api.summary import CompletionSummary
from hephaestus_sdk.api.views import Event, Task, Workflow
from hephaestus_sdk.config import Settings
from hephaestus_sdk.definitions.chosen_phase import chosen_phase
from hephaestus_sdk.definitions.registration import Registered
from hephaestus_sdk.errors import InvalidInput
from hephaestus_sdk.launching.launches import Launches, filled
from hephaestus_sdk.messaging import MessagingCalls
from hephaestus_sdk.waiting.events import EventCursor


class Calls(MessagingCalls):
    """The calls of :class:`~hephaestus_sdk.sdk.HephaestusSDK` between start and shutdown.

    Every one raises ``SDKNotRunningError`` outside of that time. Where an id is taken, its first
    6 characters or more are enough; ``NotFound`` and ``AmbiguousId`` say when they are not.
    """

    def __init__(self, settings: Settings, given: Registered, launches: Launches) -> None:
        super().__init__()
        self.settings = settings
        self.workflow_id: str | None = None
        """The workflow that single-workflow mode started; None in the other mode, before
        :meth:`start` and after :meth:`shutdown`."""
        self._registered = given
        self._launches = launches
        self._definition_of: dict[str, WorkflowDefinition | None] = {}

    # Workflows

    def start_workflow(
        self,
        definition_id: str,
        description: str = "",
        working_directory: str | None = None,
        launch_params: Mapping[str, Any] | None = None,
        *,
        title: str | None = None,
        **options: Any,
    ) -> str:
        """Start a workflow and return its id.

        Args:
            definition_id: of a registered definition.
            description: what this workflow is about.
            working_directory: folder of the repository in which agents start, or an absolute
                path inside it.
            launch_params: values for the launch template's parameters.
            title: one line by which people tell it apart; default: the first line of the
                description, else of the first text among the launch parameters.
            options: ``main_repo_path``, ``base_branch``, ``auto_merge``, ``max_agents``; default:
                the settings. ``conflict_resolution``, and the shell commands ``setup_command``,
                ``test_command``, ``lint_command``; default: the definition's, else the settings.
                ``task``: the first task, where the definition has no prompt for one; without it
                create tasks afterwards. ``budget``: the most dollars that its agents may use, or a
                mapping with ``dollars``, ``tokens`` and ``action``.

        Raises:
            UnknownParameter, InvalidInput: a launch parameter that is unknown, missing or wrong.
            NotFound: no such definition.
            RepositoryError: the repository cannot be used.
        """
        definition = self._registered.definition(definition_id)
        workflow = self.client.start_workflow(
            definition_id,
            title=title,
            description=description or None,
            launch_params=filled(definition, launch_params),
            tasks_follow=True,
            **self._launches.options(
                self.settings, working_directory, options, definition=definition
            ),
        )
        self._definition_of[workflow.id] = definition
        return workflow.id

    def get_workflow(self, workflow_id: str) -> Workflow:
        """Return a workflow with the counts of its tasks."""
        return self.client.workflow(workflow_id)

    def list_workflows(
        self, status: str | None = None, condition: str | None = None
    ) -> list[Workflow]:
        """Return workflows, newest first.

        Args:
            status: active, completed or stopped; None or ``"all"`` for any.
            condition: at_work, waits_for_you, stands_still, quiet or over; None for any.
        """
        return self.client.workflows(
            status=None if status == "all" else status, condition=condition
        )

    def list_workflow_definitions(self) -> list[WorkflowDefinition]:
        """Return all definitions of the stack, including those of other programs."""
        return self.client.definitions()

    def stop_workflow(self, workflow_id: str, reason: str | None = None) -> Workflow:
        """Stop every task of a workflow and close it; finished work is kept."""
        return self.client.stop_workflow(workflow_id, reason)

    def delete_workflow(self, workflow_id: str, *, drop_unmerged: bool = False) -> Deletion:
        """Delete a workflow in which nothing is at work; ``client.preview_deletion`` shows what.

        Branches with commits that nothing else holds stay, unless ``drop_unmerged``.
        """
        return self.client.delete_workflow(workflow_id, drop_unmerged=drop_unmerged)

    # Tasks

    def create_task(
        self,
        description: str,
        phase_id: int | None = None,
        priority: str = "medium",
        agent_id: str = "main-session-agent",
        ticket_id: str | None = None,
        *,
        workflow_id: str | None = None,
        **options: Any,
    ) -> str:
        """Create a task and return its id.

        Args:
            description: the work to do.
            phase_id: default: the workflow's first phase.
            priority: low, medium, high or critical.
            agent_id: the creator, recorded after the name of the token.
            ticket_id: of the ticket it belongs to.
            workflow_id: default: the single workflow that this SDK runs.
            options: see :meth:`create_task_in_workflow`, e.g. ``title``.

        Raises:
            InvalidInput: an option that there is not.
            InvalidPhaseError: the workflow has no such phase.
            TaskCreationError: the server refused it; ``code`` says why.
        """
        _check_options(options)
        return self.create_task_in_workflow(
            workflow_id or self._only_workflow(),
            description,
            phase_id,
            priority,
            agent_id,
            ticket_id=ticket_id,
            **options,
        )

    def create_task_in_workflow(
        self,
        workflow_id: str,
        description: str,
        phase_id: int | None = None,
        priority: str = "medium",
        agent_id: str = "main-session-agent",
        *,
        title: str | None = None,
        done_definition: str | None = None,
        ticket_id: str | None = None,
        parent_task_id: str | None = None,
        cli_tool: str | None = None,
        cli_model: str | None = None,
        after: Sequence[str] = (),
        beyond_limit: bool = False,
    ) -> str:
        """Create a task in a workflow and return its id.

        If another task of the phase does the same work, the new one is *duplicated* and does not
        run: ``get_task(id).duplicate`` says which one does it, and why.

        Args:
            workflow_id: the workflow.
            description: what is to be done.
            phase_id: default: the workflow's first phase.
            priority: low, medium, high or critical.
            agent_id: who creates it, for the record, behind the name of the token.
            title: one line by which people tell it apart; default: the first line of the
                description.
            done_definition: added to the done definitions of the phase.
            ticket_id: of the ticket it belongs to.
            parent_task_id: the task that it is shown under.
            cli_tool: agent program, in place of the phase's.
            cli_model: model, in place of the phase's.
            after: ids of tasks; the new one starts once all of them are done.
            beyond_limit: create it though its phase has ``most_tasks`` already.

        Raises:
            InvalidPhaseError: the workflow has no such phase.
            TaskCreationError: the server refused it; ``code`` says why.
        """
        task = self.client.create_task(
            workflow_id,
            description,
            self._phase(workflow_id, phase_id),
            priority=priority,
            created_by=agent_id,
            title=title,
            done_definition=done_definition,
            after=list(after) or None,
            beyond_limit=beyond_limit,
            ticket_id=ticket_id,
            parent_task_id=parent_task_id,
            cli_tool=cli_tool,
            cli_model=cli_model,
        )
        return task.id

    def get_task(self, task_id: str) -> Task:
        """Return a task with its attempts.

        Raises:
            TaskNotFoundError: no such task.
        """
        return self.client.task(task_id)

    def get_tasks(
        self,
        status: str | None = None,
        phase_id: int | None = None,
        workflow_id: str | None = None,
    ) -> list[Task]:
        """Return all matching tasks, newest first; None means any.

        Args:
            status: only those in it.
            phase_id: only those of this phase.
            workflow_id: only those of this workflow. Without it, single-workflow mode has the
                tasks of the workflows that this SDK started, the other mode those of all.
        """
        given = [workflow_id] if workflow_id or self.workflow_id is None else self._definition_of
        found = [
            task
            for wanted in list(given)
            for task in self.client.tasks(workflow_id=wanted, status=status, phase_id=phase_id)
        ]
        return sorted(found, key=lambda task: str(task.created_at), reverse=True)

    def cancel_task(self, task_id: str, reason: str | None = None) -> Task:
        """Cancel a task; a running agent is stopped and its work kept."""
        return self.client.cancel_task(task_id, reason)

    def restart_task(self, task_id: str) -> Task:
        """Queue an ended task again, for a new attempt."""
        return self.client.restart_task(task_id)

    def not_duplicate(self, task_id: str) -> Task:
        """Let a duplicate run after all."""
        return self.client.not_duplicate(task_id)

    def is_duplicate(self, task_id: str, of: str, reason: str | None = None) -> Task:
        """Withdraw a task, since the task ``of`` does its work; its agent is stopped."""
        return self.client.is_duplicate(task_id, of, reason)

    def bump_task(self, task_id: str) -> Task:
        """Start a queued task at once, beyond the limits if necessary."""
        return self.client.bump_task(task_id)

    # Waiting

    def wait_for_completion(
        self,
        workflow_id: str | None = None,
        timeout: float | None = None,
        *,
        on_diagnosis: Callable[[str], None] | None = None,
    ) -> CompletionSummary:
        """Return when no task is live and no merge pending any more; ``print()`` the summary.

        Create the first task before you wait, in other threads too: a workflow that is open and
        has none could only be waited for without end.

        Args:
            workflow_id: default: all workflows that this SDK started.
            timeout: seconds; None waits as long as it takes.
            on_diagnosis: with it, a workflow that stands still is waited for while a diagnosis is
                due, and this is called with a line about that; None: the wait ends.

        Raises:
            InvalidInput: a workflow is open and has no task yet.
            TaskTimeoutError: the time ran out; ``progress`` says how far the work is.
        """
        ids = [workflow_id] if workflow_id else self._own_workflows()
        return self._waiting().for_completion(ids, timeout, on_diagnosis=on_diagnosis)

    def wait_for_result(
        self, workflow_id: str | None = None, timeout: float | None = None
    ) -> WorkflowResult:
        """Return the accepted result as soon as there is one.

        A rejected result does not end the wait while work goes on; when the workflow goes quiet
        without an accepted one, the last rejected one is returned, or one with status
        ``missing``. Every workflow takes results, without a ``WorkflowConfig`` too. Create the
        first task before you wait, as for :meth:`wait_for_completion`.

        Args:
            workflow_id: default: the single workflow that this SDK runs.
            timeout: seconds; None waits as long as it takes.

        Raises:
            InvalidInput: the workflow is open and has no task yet.
            TaskTimeoutError: the time ran out; ``progress`` says how far the work is.
        """
        return self._waiting().for_result(workflow_id or self._only_workflow(), timeout)

    def wait_for_task(self, task_id: str, timeout: float | None = None) -> Task:
        """Return a task once it is done, failed or cancelled.

        Raises:
            TaskTimeoutError: ``timeout`` seconds were not enough.
        """
        return self._waiting().for_task(task_id, timeout)

    def events(
        self,
        after: int = 0,
        *,
        workflow_id: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[Event]:
        """Yield events as they come, each once and in order.

        Args:
            after: sequence number of the last event seen; 0 begins with the first there is.
            workflow_id: only events of this workflow.
            timeout: seconds after which the events end; None: never.
        """
        if workflow_id is not None:
            workflow_id = self.client.full_id(workflow_id, IdKind.WORKFLOW)
        cursor = EventCursor(self.client, workflow_id=workflow_id, after=after)
        deadline = None if timeout is None else time.monotonic() + timeout
        for batch in cursor.batches(deadline=deadline):
            yield from batch

    def _disconnect(self) -> None:
        self.workflow_id = None
        self._definition_of.clear()
        super()._disconnect()

    def _own_workflows(self) -> list[str]:
        return list(self._definition_of) or [self._only_workflow()]

    def _only_workflow(self) -> str:
        """Return the default workflow."""
        candidates = list(self._definition_of) or [
            workflow.id for workflow in self.client.workflows(status=WorkflowStatus.ACTIVE, limit=2)
        ]
        if self.workflow_id is not None or len(candidates) == 1:
            return self.workflow_id or candidates[0]
        found = "several run" if candidates else "none runs; start one by start_workflow(…)"
        raise InvalidInput(
            f"workflow_id: name the workflow that is meant, as {found}", field="workflow_id"
        )

    def _phase(self, workflow_id: str, phase_id: int | None) -> int:
        """Return the phase; refuse one that the workflow is known not to have."""
        definition = self._definition_of.get(workflow_id)
        if definition is not None:
            return chosen_phase(definition, phase_id)
        return self.client.workflow(workflow_id).phases[0].id if phase_id is None else phase_id


_TASK_OPTIONS = frozenset(signature(Calls.create_task_in_workflow).parameters) - {"self"}


def _check_options(given: Mapping[str, Any]) -> None:
    for name in given.keys() - _TASK_OPTIONS:
        raise InvalidInput(
            f"create_task: there is no option {name!r}{nearest(name, sorted(_TASK_OPTIONS))}",
            field=name,
        )
