"""The prompt of an agent, built from its task, its phase and the registry of tools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hephaestus_core.agents.tools import tools_for
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.tasks.kinds import KINDS


@dataclass(frozen=True)
class PromptParts:
    """The parts of a prompt."""

    agent_id: UUID
    task_id: UUID
    workflow_id: UUID
    attempt: int
    kind: TaskKind
    description: str
    done_definition: str
    phase: Mapping[str, Any] | None
    phases: Sequence[tuple[int, str, str]]
    workflow_description: str
    config: Mapping[str, Any]
    earlier_failure: str | None
    branch: str
    auto_commit: bool = True
    """What the agent leaves uncommitted is committed for it."""


def build_prompt(parts: PromptParts) -> str:
    """Return the whole prompt; texts of others are inserted unchanged."""
    sections = [
        _task(parts),
        _phase(parts),
        _workflow(parts),
        _tools(parts),
        _ending(parts),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def build_resume_prompt(parts: PromptParts) -> str:
    """Return the next message in the conversation of an earlier attempt whose session died."""
    return (
        f"Your program was ended and has been started again: {parts.earlier_failure}\n"
        "Go on with your task where you were.\n\n"
        f"You are now agent {parts.agent_id}, attempt {parts.attempt} at task {parts.task_id}. "
        f"Your worktree has the same path; its branch is now `{parts.branch}`. What you had "
        "changed is in it, and so is what others have merged meanwhile. What git ignores is gone, "
        "and so is every process that you had started; a command that was running may be half "
        "done.\n"
        "Report as you were told before: nothing counts as finished until you have.\n"
    )


def _task(parts: PromptParts) -> str:
    lines = ["# Your task", "", parts.description]
    if parts.done_definition:
        lines += ["", "## Done when", parts.done_definition]
    if parts.earlier_failure:
        lines += [
            "",
            f"## Attempt {parts.attempt}",
            f"An earlier attempt ended: {parts.earlier_failure}",
            _left_before(parts),
        ]
    return "\n".join(lines)


def _left_before(parts: PromptParts) -> str:
    if parts.auto_commit:
        return "What it had saved is in your worktree. Look at it first, then go on."
    return (
        "What it had committed is in your worktree, and what it had not is there as uncommitted "
        "changes. Look at both first, then go on."
    )


def _phase(parts: PromptParts) -> str:
    if parts.phase is None:
        return ""
    lines = [f"# Phase {parts.phase['id']}: {parts.phase['name']}", "", parts.phase["description"]]
    if parts.phase["additional_notes"]:
        lines += ["", parts.phase["additional_notes"]]
    for title, key in (("Outputs", "outputs"), ("Next steps", "next_steps")):
        if parts.phase[key]:
            lines += ["", f"## {title}", *(f"- {item}" for item in parts.phase[key])]
    return "\n".join(lines)


def _workflow(parts: PromptParts) -> str:
    lines = ["# The workflow"]
    if parts.workflow_description:
        lines += ["", parts.workflow_description]
    lines += ["", "Phases (kinds of work; you may create tasks in any of them):"]
    lines += [f"- {number} {name}: {_first_line(text)}" for number, name, text in parts.phases]
    return "\n".join([*lines, *_result(parts)])


def _result(parts: PromptParts) -> list[str]:
    """Return the paragraph on the workflow's result: its criteria, or that it is optional."""
    if parts.config.get("has_result"):
        return ["", "The workflow has reached its goal when:", parts.config["result_criteria"]]
    if not KINDS[parts.kind].invites_result:
        return []
    invitation = (
        "If your task asks for the answer of the whole workflow (a verdict, a report), hand it in "
        "with `submit_result` before you report done; another agent judges it."
    )
    return ["", invitation]


def _tools(parts: PromptParts) -> str:
    lines = ["# Your tools", "", "The MCP server `hephaestus` offers:"]
    lines += [f"- `{tool.name}`: {tool.summary}" for tool in tools_for(parts.kind)]
    return "\n".join(lines)


def _ending(parts: PromptParts) -> str:
    return (
        "# How you work\n\n"
        f"You are agent {parts.agent_id}, attempt {parts.attempt} at task {parts.task_id} of "
        f"workflow {parts.workflow_id}.\n"
        f"You are alone in this worktree, on branch `{parts.branch}`. Nobody answers questions: "
        "decide yourself and say why in your summary.\n"
        f"{_committing(parts)} Do not push, and do not switch branches.\n"
        f"{KINDS[parts.kind].before_report}"
        "When you are done, call `update_task_status` with status `done` and a summary of what "
        "you did and how you checked it. If you cannot do it, call it with status `failed` and "
        "the reason. Nothing counts as finished until you have called it."
    )


def _committing(parts: PromptParts) -> str:
    if parts.auto_commit:
        return "Commit as you like; what you leave uncommitted is committed for you."
    return "Commit your work yourself: nothing is committed for you, and only commits count."


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]
