"""Questions that agents ask people."""

from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.question_views import Question
from hephaestus_sdk.api.routes.base import Routes, as_view


class QuestionRoutes(Routes):
    """Routes below ``/questions``."""

    def questions(
        self,
        *,
        workflow_id: str | None = None,
        status: str | None = "open",
        limit: int | None = None,
    ) -> list[Question]:
        """Return questions, newest first, by default those that wait for an answer.

        Args:
            workflow_id: only questions of this workflow.
            status: open, answered, expired or cancelled; None for any.
            limit: at most this many.
        """
        wanted = {"workflow_id": self._only_of(workflow_id), "status": status}
        return [as_view(Question, item) for item in self._pages("/questions", wanted, limit)]

    def question(self, question_id: str) -> Question:
        """Return one question."""
        return as_view(Question, self._connection.get(self._question(question_id)))

    def answer(
        self, question_id: str, answer: str | None = None, *, option: int | None = None
    ) -> Question:
        """Answer an open question, in words or by the number of an option, from 1.

        Raises:
            Conflict: it is no longer open.
            InvalidInput: both or none of them is given, or there is no such option.
        """
        path = f"{self._question(question_id)}/answer"
        given = {"answer": answer, "option": option}
        return as_view(Question, self._connection.post(path, given))

    def _question(self, question_id: str) -> str:
        return f"/questions/{self.full_id(question_id, IdKind.QUESTION)}"
