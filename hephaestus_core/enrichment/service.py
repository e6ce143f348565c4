"""The use case of hints on tasks: asking a model for them."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from hephaestus_core.contract.llm import CallKind, LlmOutcome
from hephaestus_core.db.engine import Database
from hephaestus_core.enrichment import store
from hephaestus_core.enrichment.rules import TaskHints, TaskText, material
from hephaestus_core.llm.service import Llm
from hephaestus_core.llm.views import Question


def enrich(db: Database, llm: Llm, task: TaskText, paths: Sequence[str]) -> LlmOutcome:
    """Ask a model for hints on a task and keep them; without an answer, keep the reason.

    Args:
        db: no transaction of the caller may be open.
        llm: answers within the seconds of its assignment.
        task: its text.
        paths: of the repository; the model's files are chosen from them.
    """
    reply = llm.ask(
        Question(
            kind=CallKind.TASK_ENRICHMENT,
            instructions=_instructions(),
            material=material(task, paths),
            answer=TaskHints,
            workflow_id=task.workflow_id,
        )
    )
    with db.transaction() as session:
        store.keep(session, task, reply, paths)
    return reply.outcome


@cache
def _instructions() -> str:
    return (files(__package__) / "instructions.md").read_text(encoding="utf-8")
