"""Tasks and the queue."""

from collections.abc import Callable, Mapping
from typing import Any

from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.change_views import Diff, TaskCommits
from hephaestus_sdk.api.routes.base import Routes, View, as_view, new_key
from hephaestus_sdk.api.views import Queue, Task, Timeline
from hephaestus_sdk.errors import (
    HephaestusError,
    NotFound,
    TaskNotFoundError,
    Unauthenticated,
    Unavailable,
    creation_refused,
)


class TaskRoutes(Routes):
    """Routes below ``/tasks`` and ``/queue``."""

    def create_task(self, workflow_id: str, description: str, phase_id: int, **values: Any) -> Task:
        """Create a task; ``values`` as ``POST /tasks`` takes them, None left out.

        Raises:
            TaskCreationError: refused; the class and ``code`` say why.
        """
        try:
            body = {
                "workflow_id": self.full_id(workflow_id, IdKind.WORKFLOW),
                "description": description,
                "phase_id": phase_id,
                **values,
            }
            if parent := values.get("parent_task_id"):
                body["parent_task_id"] = self.full_id(parent, IdKind.TASK)
            if after := values.get("after"):
                body["after"] = [self.full_id(each, IdKind.TASK) for each in after]
            return as_view(Task, self._connection.post("/tasks", body, key=new_key()))
        except (Unauthenticated, Unavailable):
            raise
        except HephaestusError as error:
            raise creation_refused(error) from error

    def task(self, task_id: str) -> Task:
        """Return one task with its attempts.

        Raises:
            TaskNotFoundError: no such task.
        """
        return self._of_task(Task, task_id, self._connection.get)

    def tasks(
        self,
        *,
        workflow_id: str | None = None,
        status: str | None = None,
        phase_id: int | None = None,
        limit: int | None = None,
    ) -> list[Task]:
        """Return the matching tasks, at most ``limit``; None means any."""
        wanted = {
            "workflow_id": self._only_of(workflow_id),
            "status": status,
            "phase_id": phase_id,
        }
        return [as_view(Task, item) for item in self._pages("/tasks", wanted, limit)]

    def cancel_task(self, task_id: str, reason: str | None = None) -> Task:
        """Cancel a task; a running agent is stopped and its work kept."""
        return self._act(task_id, "cancel", {"reason": reason})

    def restart_task(self, task_id: str) -> Task:
        """Queue an ended task again, for a new attempt."""
        return self._act(task_id, "restart")

    def not_duplicate(self, task_id: str) -> Task:
        """Let a duplicate run after all."""
        return self._act(task_id, "not-duplicate")

    def is_duplicate(self, task_id: str, of: str, reason: str | None = None) -> Task:
        """Withdraw a task, since the task ``of`` does its work; its agent's work is kept."""
        body = {"of": self.full_id(of, IdKind.TASK), "reason": reason}
        return self._act(task_id, "duplicate", body)

    def bump_task(self, task_id: str) -> Task:
        """Start a queued task at once, beyond the limits if necessary."""
        return self._act(task_id, "bump")

    def timeline(self, task_id: str, *, after: int = 0, limit: int = 500) -> Timeline:
        """Return a task's events after a number, oldest first.

        Raises:
            TaskNotFoundError: no such task.
        """
        params = {"after": after, "limit": limit}
        return self._of_task(
            Timeline, task_id, lambda path: self._connection.get(f"{path}/timeline", params)
        )

    def task_diff(self, task_id: str) -> Diff:
        """Return the diff of a task.

        Raises:
            TaskNotFoundError: no such task.
        """
        return self._of_task(Diff, task_id, lambda path: self._connection.get(f"{path}/diff"))

    def task_commits(self, task_id: str) -> TaskCommits:
        """Return the newest commits of a task, if its repository is on the server's machine.

        Raises:
            TaskNotFoundError: no such task.
        """
        return self._of_task(
            TaskCommits, task_id, lambda path: self._connection.get(f"{path}/commits")
        )

    def queue(self, *, limit: int = 100, cursor: str | None = None) -> Queue:
        """Return the queue of the whole system: its length and a page of its tasks.

        Args:
            limit: tasks on the page, at most 500.
            cursor: ``next_cursor`` of the page before.
        """
        return as_view(Queue, self._connection.get("/queue", {"limit": limit, "cursor": cursor}))

    def _act(self, task_id: str, action: str, body: Mapping[str, Any] | None = None) -> Task:
        return self._of_task(
            Task, task_id, lambda path: self._connection.post(f"{path}/{action}", body)
        )

    def _of_task(self, kind: type[View], task_id: str, call: Callable[[str], Any]) -> View:
        try:
            return as_view(kind, call(f"/tasks/{self.full_id(task_id, IdKind.TASK)}"))
        except NotFound as error:
            raise TaskNotFoundError(error.message, details=error.details) from error
