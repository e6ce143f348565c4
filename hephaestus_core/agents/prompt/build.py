"""The prompt of an agent: one template per kind, filled from the facts of its attempt."""

from typing import Any

from hephaestus_core.agents.prompt import sections
from hephaestus_core.agents.prompt.parts import PromptParts
from hephaestus_core.agents.prompt.templates import PromptTemplate, template
from hephaestus_core.tasks.kinds import JOIN, KINDS


def template_of(parts: PromptParts, *, resumes: bool = False) -> PromptTemplate:
    """Return the template for an attempt.

    Args:
        parts: the facts of the attempt.
        resumes: it goes on with the conversation of an earlier attempt.
    """
    if resumes:
        return template("continuation")
    own = KINDS[parts.kind].template
    if own is not None:
        return template(own)
    if parts.attempt > 1:
        return template("retry")
    if parts.created_by == JOIN:
        return template("join")
    return template("first" if parts.origin is None else "child")


def build_prompt(parts: PromptParts, *, resumes: bool = False) -> str:
    """Return the whole prompt; texts of others stand unchanged between marks."""
    return template_of(parts, resumes=resumes).filled(_values(parts))


def _values(parts: PromptParts) -> dict[str, Any]:
    return {
        "agent_id": parts.agent_id,
        "attempt": parts.attempt,
        "task_id": parts.task_id,
        "workflow_id": parts.workflow_id,
        "branch": parts.branch,
        "most_tasks": parts.most_tasks,
        "judges_with": KINDS[parts.kind].judges_with or "",
        "reason": sections.last_reason(parts),
        "workflow": sections.workflow(parts),
        "project": sections.project(parts),
        "origin": sections.origin(parts),
        "earlier": sections.earlier(parts),
        "memories": sections.memories(parts),
        "colleagues": sections.colleagues(parts),
        "task": sections.task(parts),
        "hints": sections.hints(parts),
        "done_when": sections.done_when(parts),
        "phase": sections.phase(parts),
        "phases": sections.phases(parts),
        "tools": sections.tools(parts),
        "committing": sections.committing(parts),
        "marks": parts.marks.explanation,
    }
