"""Reviews of work."""

from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.review_views import Review
from hephaestus_sdk.api.routes.base import Routes, as_view, part


class ReviewRoutes(Routes):
    """Routes about reviews."""

    def reviews(
        self,
        *,
        workflow_id: str | None = None,
        task_id: str | None = None,
        status: str | None = None,
        limit: int | None = None,
    ) -> list[Review]:
        """Return the matching reviews, newest first, at most ``limit``; None means any."""
        wanted = {
            "workflow_id": self._only_of(workflow_id),
            "task_id": None if task_id is None else self.full_id(task_id, IdKind.TASK),
            "status": status,
        }
        return [as_view(Review, item) for item in self._pages("/reviews", wanted, limit)]

    def review(self, review_id: str) -> Review:
        """Return one review by its whole id."""
        return as_view(Review, self._connection.get(f"/reviews/{part(review_id)}"))

    def review_task(
        self, task_id: str, *, passed: bool, feedback: str = "", commit: str = ""
    ) -> Review:
        """Judge the work of a task whose review waits for a person.

        Args:
            task_id: of the task.
            passed: it is merged; otherwise the task is queued again.
            feedback: for the next attempt; needed if it has not passed.
            commit: what was looked at, or its first characters: the verdict is refused if the
                review is about another one by now.
        """
        path = f"/tasks/{self.full_id(task_id, IdKind.TASK)}/review"
        body = {"passed": passed, "feedback": feedback, "commit": commit}
        return as_view(Review, self._connection.post(path, body))
