"""Waits: read the status, then read it again after events that may have changed it.

An event is only a hint: the status that the server reports ends a wait. So a wait that begins late
or misses an event ends too.
"""

import time
from collections.abc import Callable

from hephaestus_core.contract.budgets import WAITS_FOR_BUDGET
from hephaestus_core.contract.statuses import ResultStatus, TaskStatus
from hephaestus_sdk.api.result_views import WorkflowResult
from hephaestus_sdk.api.summary import CompletionSummary, WorkflowSummary, duration
from hephaestus_sdk.api.views import Event, Task
from hephaestus_sdk.client import LONGEST_WAIT, HephaestusClient
from hephaestus_sdk.errors import InvalidInput, TaskTimeoutError
from hephaestus_sdk.waiting.diagnosing import OutOfTime, Tell, goes_on
from hephaestus_sdk.waiting.events import EventCursor
from hephaestus_sdk.waiting.progress import Display

Ended = Callable[[WorkflowSummary], bool]

#: Least seconds between two reads of a displayed workflow.
_REFRESH = 0.5

WORK_GOES_ON = "the work goes on, so wait again with a longer timeout, or stop it"


class Waits:
    """Waits on one API; remembers how far it has read each workflow's events.

    Args:
        client: the API.
        display: opens the display of a wait.
    """

    def __init__(self, client: HephaestusClient, display: Callable[[], Display]) -> None:
        self._client = client
        self._display = display
        self._cursors: dict[str, EventCursor] = {}

    def for_completion(
        self, workflow_ids: list[str], timeout: float | None, *, on_diagnosis: Tell | None = None
    ) -> CompletionSummary:
        """Return the summary of workflows once all of them are finished.

        Args:
            workflow_ids: of the workflows.
            timeout: seconds; None: as long as it takes.
            on_diagnosis: with it, a workflow that stands still is waited for while a diagnosis is
                due, and this is told so.

        Raises:
            InvalidInput: one of them is open and has no task yet.
            TaskTimeoutError: ``timeout`` seconds were not enough.
        """
        deadline = _deadline(timeout)
        begun = [self._client.summary(workflow_id) for workflow_id in workflow_ids]
        for item in begun:
            _require_task(item)
        workflow_ids = [item.workflow_id for item in begun]
        done: list[WorkflowSummary] = []
        for workflow_id in workflow_ids:
            summary = self._finished(workflow_id, deadline, on_diagnosis)
            if summary is None:
                raise self._timed_out(f"not finished after {duration(timeout)}", workflow_ids)
            done.append(summary)
        return CompletionSummary(workflows=tuple(done))

    def for_result(self, workflow_id: str, timeout: float | None) -> WorkflowResult:
        """Return the accepted result, or the substitute when the workflow goes quiet without one.

        Raises:
            InvalidInput: it is open and has no task yet.
            TaskTimeoutError: ``timeout`` seconds were not enough.
        """
        begun = self._client.summary(workflow_id)
        _require_task(begun)
        workflow_id = begun.workflow_id
        summary = self._until(
            workflow_id, lambda item: item.finished or _accepted(item), _deadline(timeout)
        )
        if summary is None:
            raise self._timed_out(f"no result after {duration(timeout)}", [workflow_id])
        if summary.result is not None and summary.result.status == ResultStatus.ACCEPTED:
            return summary.result
        return self._result_of_quiet(summary)

    def for_task(self, task_id: str, timeout: float | None) -> Task:
        """Return a task once nothing more happens to it by itself.

        Raises:
            TaskTimeoutError: ``timeout`` seconds were not enough.
        """
        task = self._client.task(task_id)
        if task.finished:
            return task
        cursor = self._cursor(task.workflow_id)
        # A cursor of its own: a wait for the workflow must still see these events.
        own = EventCursor(self._client, workflow_id=task.workflow_id, after=cursor.after)
        for batch in own.batches(deadline=_deadline(timeout)):
            if not batch or any(event.task_id == task.id for event in batch):
                task = self._client.task(task.id)
            if task.finished:
                return task
        raise self._timed_out(
            f"task {task_id} is still {task.status} after {duration(timeout)}", [task.workflow_id]
        )

    def _finished(
        self, workflow_id: str, deadline: float | None, on_diagnosis: Tell | None
    ) -> WorkflowSummary | None:
        """Return the summary of the finished workflow; None at the deadline."""
        while True:
            summary = self._until(workflow_id, lambda item: item.finished, deadline)
            if summary is None or on_diagnosis is None:
                return summary
            cursor = self._cursor(workflow_id)
            try:
                if not goes_on(self._client, summary, cursor, deadline=deadline, tell=on_diagnosis):
                    return self._client.summary(workflow_id)
            except OutOfTime:
                return None

    def _until(
        self, workflow_id: str, ended: Ended, deadline: float | None
    ) -> WorkflowSummary | None:
        """Return the final summary of the workflow; None at the deadline."""
        summary = self._client.summary(workflow_id)
        if ended(summary):
            return summary
        with self._display() as display:
            shown = _Shown(self._client, workflow_id, display)
            cursor = self._cursor(workflow_id)
            for batch in cursor.batches(deadline=deadline, longest=shown.longest_wait):
                if not batch or any(map(_may_end, batch)):
                    summary = self._client.summary(workflow_id)
                shown.refresh(changed=bool(batch))
                if ended(summary):
                    return summary
        return None

    def _timed_out(self, what: str, workflow_ids: list[str]) -> TaskTimeoutError:
        progress = CompletionSummary(workflows=tuple(map(self._client.summary, workflow_ids)))
        done, total = progress.tasks.get(TaskStatus.DONE, 0), progress.tasks["total"]
        return TaskTimeoutError(
            f"{what}: {done} of {total} tasks done; {WORK_GOES_ON}", progress=progress
        )

    def _cursor(self, workflow_id: str) -> EventCursor:
        return self._cursors.setdefault(
            workflow_id, EventCursor(self._client, workflow_id=workflow_id)
        )

    def _result_of_quiet(self, summary: WorkflowSummary) -> WorkflowResult:
        results = self._client.results(summary.workflow_id)
        accepted = [result for result in results if result.status == ResultStatus.ACCEPTED]
        if accepted or results:
            return (accepted or results)[-1]
        tasks = f"{summary.tasks.get('done', 0)} of {summary.tasks.get('total', 0)} tasks are done"
        return WorkflowResult(
            workflow_id=summary.workflow_id,
            explanation=f"No agent submitted a result; {tasks}.",
        )


class _Shown:
    """Refreshes the display of a workflow at a bounded rate."""

    def __init__(self, client: HephaestusClient, workflow_id: str, display: Display) -> None:
        self._client = client
        self._workflow_id = workflow_id
        self._display = display
        self._stale = True
        self._read_at = float("-inf")

    def longest_wait(self) -> float:
        """Return the longest wait of the next long-poll, in seconds."""
        return _REFRESH if self._display.visible and self._stale else LONGEST_WAIT

    def refresh(self, *, changed: bool) -> None:
        """Refresh the display if the workflow changed and the last read is old enough."""
        self._stale = self._stale or changed
        now = time.monotonic()
        if self._display.visible and self._stale and now - self._read_at >= _REFRESH:
            self._display.show(
                self._client.workflow(self._workflow_id),
                self._client.agents(workflow_id=self._workflow_id),
            )
            self._stale, self._read_at = False, now


def _require_task(summary: WorkflowSummary) -> None:
    """Refuse an open workflow without tasks, since its end is undefined."""
    if not summary.finished and not summary.tasks.get("total", 0):
        raise InvalidInput(
            f"workflow {summary.workflow_id} has no task yet; create one first",
            field="workflow_id",
        )


def _may_end(event: Event) -> bool:
    parked = event.data.get("reason") == WAITS_FOR_BUDGET
    return parked or event.type.partition(".")[0] in {"workflow", "result", "merge", "budget"}


def _accepted(summary: WorkflowSummary) -> bool:
    return summary.result is not None and summary.result.status == ResultStatus.ACCEPTED


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout
