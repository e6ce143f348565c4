"""A model that does what is planned for each task, for programs of any kind at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hephaestus_core.clock import utcnow
from hephaestus_sdk import Phase, WorkflowDefinition
from tests.integration.agents.conformance.cases import Call, ModelCase, Run
from tests.model_server import Fault, Request, Text, ToolUse

DONE: Final = Call("update_task_status", {"status": "done", "summary": "It is done."})
#: In the prompt of an attempt that begins anew.
_ANEW: Final = "# Earlier attempts at your task"

Move = Run | Call | Text | ToolUse | Fault


@dataclass(frozen=True)
class Plan:
    """The moves of a program's model, by the turns of a conversation.

    ``anew``: those in a later attempt without the conversation; none: the same.
    """

    case: ModelCase
    moves: Sequence[Move]
    anew: Sequence[Move] = ()


def is_about(request: Request, task: str) -> bool:
    """Return whether a conversation is about the task with this description."""
    told = "\n".join(request.texts("user"))
    return task in told.partition("# Your task\n")[2].partition("# Done when")[0]


class Planned:
    """Answers by the plan of the task that a conversation is about, by its own description.

    While ``refusals`` name a task, its requests after the first answer are refused so.
    """

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = plans
        self.refusals: dict[str, Fault] = {}
        self.asked: dict[tuple[str, int], datetime] = {}
        """When each turn of a task was asked for first."""

    def __call__(self, request: Request) -> Text | ToolUse | Fault:
        task = next((name for name in self._plans if is_about(request, name)), None)
        if task is None:
            return Text("That is all.")
        self.asked.setdefault((task, request.turn), utcnow())
        if request.turn and task in self.refusals:
            return self.refusals[task]
        plan = self._plans[task]
        begun_anew = any(_ANEW in text for text in request.texts("user"))
        moves = plan.anew if plan.anew and begun_anew else plan.moves
        move = moves[request.turn] if request.turn < len(moves) else Text("That is all.")
        return plan.case.tools(move) if isinstance(move, Run | Call) else move


def one_phase(case: ModelCase, **given: Any) -> WorkflowDefinition:
    """Return a workflow whose tasks this program does."""
    runs = {"cli_tool": case.name, "cli_model": case.model, **given}
    phase = Phase(id=1, name="work", description="Do it.", **runs)
    return WorkflowDefinition(id=f"of-{case.name}", name=f"Work of {case.name}", phases=[phase])
