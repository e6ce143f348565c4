"""The calls of a started SDK between people and agents: messages, questions, answers, verdicts."""

from hephaestus_sdk.api.agent_views import Agent, Message
from hephaestus_sdk.api.intervention_views import Intervention
from hephaestus_sdk.api.question_views import Question
from hephaestus_sdk.api.review_views import Review
from hephaestus_sdk.connected import Connected


class MessagingCalls(Connected):
    """The part of :class:`~hephaestus_sdk.calls.Calls` that speaks with agents."""

    def send_message(self, agent_id: str, message: str) -> None:
        """Send a message to an agent."""
        self.client.send_message(agent_id, message)

    def messages(
        self, workflow_id: str | None = None, agent_id: str | None = None
    ) -> list[Message]:
        """Return the newest 100 messages to agents with their receipts, newest first.

        Args:
            workflow_id: only messages in this workflow.
            agent_id: only those from or to this agent.
        """
        return self.client.messages(workflow_id=workflow_id, agent_id=agent_id)

    def interventions(
        self, workflow_id: str | None = None, agent_id: str | None = None
    ) -> list[Intervention]:
        """Return the newest 100 acts of the Guardian on agents, newest first.

        Args:
            workflow_id: only in this workflow.
            agent_id: only on this agent.
        """
        return self.client.interventions(workflow_id=workflow_id, agent_id=agent_id)

    def call_fine(self, agent_id: str, minutes: float = 30.0) -> Agent:
        """Have the Guardian neither steer nor end an agent for a while; 0 minutes end that."""
        return self.client.call_fine(agent_id, minutes)

    def undo_intervention(self, intervention_id: str) -> Intervention:
        """Take an act of the Guardian back; it does no more for this cause in this attempt.

        Raises:
            Conflict: it was taken back before, or its program has been ended.
        """
        return self.client.undo_intervention(intervention_id)

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

    def reviews(self, task_id: str | None = None, status: str | None = None) -> list[Review]:
        """Return reviews of work, newest first; those in ``person_review`` wait for a verdict.

        Args:
            task_id: only reviews of this task.
            status: only those with this status.
        """
        return self.client.reviews(task_id=task_id, status=status)

    def review_task(
        self, task_id: str, passed: bool, feedback: str = "", commit: str = ""
    ) -> Review:
        """Judge the work of a task whose review waits for a person.

        Args:
            task_id: of the task.
            passed: it is merged; otherwise the task is queued again.
            feedback: for the next attempt; needed if it has not passed.
            commit: what was looked at, or its first characters: the verdict is refused if the
                review is about another one by now.
        """
        return self.client.review_task(task_id, passed=passed, feedback=feedback, commit=commit)
