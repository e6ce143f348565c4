"""The calls of a started SDK between people and agents: messages, questions, answers."""

from hephaestus_sdk.api.question_views import Question
from hephaestus_sdk.client import HephaestusClient


class MessagingCalls:
    """The part of :class:`~hephaestus_sdk.calls.Calls` that speaks with agents."""

    @property
    def client(self) -> HephaestusClient:
        """The API, one method per route."""
        raise NotImplementedError

    def send_message(self, agent_id: str, message: str) -> None:
        """Send a message to an agent."""
        self.client.send_message(agent_id, message)

    def questions(
        self, workflow_id: str | None = None, status: str | None = "open"
    ) -> list[Question]:
        """Return the questions of agents, newest first, by default those that wait for an answer.

        Args:
            workflow_id: only questions of this workflow.
            status: open, answered, expired or cancelled; None for any.
        """
        return self.client.questions(workflow_id=workflow_id, status=status)

    def answer(
        self, question_id: str, answer: str | None = None, *, option: int | None = None
    ) -> Question:
        """Answer an open question, in words or by the number of an option, from 1.

        Raises:
            Conflict: it is no longer open.
            InvalidInput: both or none of them is given, or there is no such option.
        """
        return self.client.answer(question_id, answer, option=option)
