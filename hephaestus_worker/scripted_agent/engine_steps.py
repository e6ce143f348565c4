"""Steps that call the engine's tools."""

import json
import signal
from collections.abc import Callable, Mapping
from typing import Any

from hephaestus_worker.scripted_agent.errors import StepError
from hephaestus_worker.scripted_agent.player import Player


def call(player: Player, value: Any) -> Any:
    """Call any tool: ``{tool, arguments}``."""
    if not isinstance(value, Mapping) or "tool" not in value:
        raise StepError("The step call needs a field 'tool'.")
    return _call(player, str(value["tool"]), value.get("arguments"))


def done(player: Player, value: Any) -> Any:
    """Report the task done; the first answer may be a list of what to look at before that.

    With ``once: true`` that answer is the end.
    """
    fields = _fields(value or "Done.", "summary")
    once = fields.pop("once", False)
    said = _report(player, "done", fields, "summary")
    if once or not (isinstance(said, Mapping) and said.get("status") == "in_progress"):
        return said
    return _report(player, "done", fields, "summary")


def lie(player: Player, value: Any) -> Any:
    """Report the task as done without doing anything."""
    return done(player, value or "Everything is done and all tests pass.")


def fail(player: Player, value: Any) -> Any:
    fields = _fields(value or "The script says so.", "failure_reason")
    fields.setdefault("summary", fields.get("failure_reason", "Failed."))
    return _report(player, "failed", fields, "summary")


def review_result(player: Player, value: Any) -> Any:
    """Judge the result under review: ``pass``, ``fail`` or ``{verdict, feedback, evidence}``."""
    fields = _fields(value, "verdict")
    verdict = str(fields.pop("verdict", "pass"))
    if verdict not in {"pass", "fail"}:
        raise StepError(f"A verdict is pass or fail, not {verdict!r}.")
    fields.setdefault("feedback", f"The script says {verdict}.")
    arguments = {"validation_passed": verdict == "pass", **fields}
    return _call(player, "submit_result_validation", arguments)


def ask_person(player: Player, value: Any) -> Any:
    """Ask a person; with ``wait`` wait for the end until there is an answer.

    An agent that is resumed plays this step again, and the engine has the answer then.
    """
    fields = _fields(value, "question")
    asked = _call(player, "ask_person", fields)
    while fields.get("wait") and asked["status"] == "open":
        signal.pause()
    return asked


def review_task(player: Player, value: Any) -> Any:
    """Judge the work under review: ``pass``, ``fail`` or ``{verdict, feedback, …}``."""
    fields = _fields(value, "verdict")
    verdict = str(fields.pop("verdict", "pass"))
    if verdict not in {"pass", "fail"}:
        raise StepError(f"A verdict is pass or fail, not {verdict!r}.")
    fields.setdefault("feedback", f"The script says {verdict}.")
    return _call(player, "give_task_review", {"passed": verdict == "pass", **fields})


def _tool(name: str, main_field: str) -> Callable[[Player, Any], Any]:
    """Return a step that calls a tool with the step's own fields as arguments."""

    def step(player: Player, value: Any) -> Any:
        return _call(player, name, _fields(value, main_field))

    return step


def _report(player: Player, status: str, value: Any, main_field: str) -> Any:
    return _call(player, "update_task_status", {"status": status, **_fields(value, main_field)})


def _fields(value: Any, main_field: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    return {} if value is None else {main_field: value}


def _call(player: Player, tool: str, arguments: Mapping[str, Any] | None) -> Any:
    answer = player.tools.call(tool, arguments)
    player.terminal.line("tool", f"{tool} {json.dumps(answer, ensure_ascii=False)[:2000]}")
    return answer


STEPS = {
    "call": call,
    "create_task": _tool("create_task", "description"),
    "update_task_status": _tool("update_task_status", "status"),
    "done": done,
    "fail": fail,
    "lie": lie,
    "record_facts": _tool("record_facts", "notes"),
    "submit_result": _tool("submit_result", "explanation"),
    "review_result": review_result,
    "ask_person": ask_person,
    "review_task": review_task,
    "send_message": _tool("send_message", "message"),
    "broadcast_message": _tool("broadcast_message", "message"),
    "get_my_task": _tool("get_my_task", ""),
    "get_messages": _tool("get_messages", ""),
}
