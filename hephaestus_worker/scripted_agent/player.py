"""The player of a script, which every step gets as its context."""

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hephaestus_worker.scripted_agent.errors import StepError
from hephaestus_worker.scripted_agent.script import Step, filled
from hephaestus_worker.scripted_agent.terminal import Terminal
from hephaestus_worker.scripted_agent.tools import Tools

#: Most characters of a sign; a longer one is no JSON, and nobody reads it.
_LONGEST_SIGN = 4000
#: Most characters of an error in a sign.
_LONGEST_ERROR = 200

StepFunction = Callable[["Player", Any], Any]


class Known(dict[str, Any]):
    """Values for placeholders. The first use of a task's value fetches the task from the engine."""

    def __init__(self, tools: Tools, agent_id: str) -> None:
        super().__init__(agent_id=agent_id)
        self._tools = tools

    def __missing__(self, key: str) -> Any:
        if key not in {"task_id", "workflow_id", "task"}:
            raise KeyError(key)
        answer = self._tools.call("get_my_task")
        task = answer.get("task", answer)
        self["task"] = task
        self["task_id"] = task.get("task_id") or task.get("id")
        self["workflow_id"] = task.get("workflow_id") or answer.get("workflow_id")
        return self[key]


class Player(NamedTuple):
    """Plays steps one after another."""

    worktree: Path
    home: Path
    terminal: Terminal
    tools: Tools
    known: Known
    functions: dict[str, StepFunction]

    def play(self, steps: Iterable[Step]) -> None:
        """Play all steps.

        Raises:
            StepError: a step failed that does not say ``may_fail``; the rest was not played.
        """
        for step in steps:
            self.play_one(step)

    def play_one(self, step: Step) -> None:
        self.terminal.line("step", step.name)
        self.leave_sign({"step": step.name, "value": step.value})
        try:
            result = self._function(step.name)(self, filled(step.value, self.known))
        except StepError as error:
            self.leave_sign({"failed": step.name, "error": str(error)[:_LONGEST_ERROR]})
            if not step.may_fail:
                raise
            self.terminal.line("failed", f"{step.name}, as it may: {error}")
            return
        if step.save:
            self.known[step.save] = result

    def leave_sign(self, sign: Mapping[str, Any]) -> None:
        """Leave a sign for the engine, as other programs do by their hooks."""
        line = json.dumps(sign, default=str)[:_LONGEST_SIGN]
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with (
            contextlib.suppress(OSError),
            os.fdopen(os.open(self.home / "signs.jsonl", flags, 0o600), "a") as file,
        ):
            file.write(f"{line}\n")

    def _function(self, name: str) -> StepFunction:
        try:
            return self.functions[name]
        except KeyError:
            raise StepError(
                f"There is no step {name!r}; use one of {', '.join(sorted(self.functions))}."
            ) from None
