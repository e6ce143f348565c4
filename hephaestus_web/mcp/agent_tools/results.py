"""Tools about a workflow's results."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.folders import checked_folder
from hephaestus_core.results import service
from hephaestus_core.results.service import ResultView
from hephaestus_web.mcp.identity import CallContext, agent_door, live_door
from hephaestus_web.mcp.reading import read_results
from hephaestus_web.mcp.shapes import Cursor, Limit, NextStep, OnlyResult, Results, Texts


@dataclass(frozen=True)
class Submitted(ResultView):
    """A result that was submitted or judged, and what happens next."""

    next_step: NextStep


Outcome = Literal["done", "not_reproduced", "needs_decision", "wont_fix", "not_possible"]
Evidence = Annotated[Texts, Field(description="Commands with their output, files, numbers.")]


def submit_result(
    context: CallContext,
    explanation: Annotated[str, Field(description="Why the workflow's criteria are met.")],
    evidence: Evidence = [],  # noqa: B006 - pydantic copies it
    content: Annotated[str, Field(description="The result itself, as Markdown.")] = "",
    *,
    markdown_file_path: Annotated[
        str, Field(description="Or a file in your worktree that holds it, from the root.")
    ] = "",
    outcome: Annotated[
        Outcome, Field(description="What the workflow has come to; done: the goal is reached.")
    ] = "done",
    proof: Annotated[
        dict[str, str],
        Field(description="For the checks: test (its name), command (runs it), expect."),
    ] = {},  # noqa: B006
) -> Submitted:
    """Submit a result for the caller's workflow."""
    own = agent_door(context)
    result = service.submit(
        own.database,
        own.agent_id,
        explanation=explanation,
        evidence=[*evidence, *_named_file(markdown_file_path)],
        content=content,
        outcome=outcome,
        proof=proof,
    )
    told = (
        "It is checked and judged; get_workflow_results shows what comes of that. Report your own "
        "task now."
    )
    return Submitted(**vars(result), next_step=told)


def submit_result_validation(
    context: CallContext,
    validation_passed: bool,
    feedback: Annotated[str, Field(description="What you checked, and what you found.")],
    evidence: Evidence = [],  # noqa: B006 - pydantic copies it
) -> Submitted:
    """Judge the result that the caller's task is to review."""
    own = agent_door(context)
    result = service.judge(
        own.database, own.agent_id, passed=validation_passed, feedback=feedback, evidence=evidence
    )
    told = "Your judgement counts as your report. Stop now: your session ends."
    return Submitted(**vars(result), next_step=told)


def get_workflow_results(
    context: CallContext, result_id: OnlyResult = None, limit: Limit = 10, cursor: Cursor = ""
) -> Results:
    """Return the results of the caller's workflow."""
    own = live_door(context)
    return read_results(
        own, own.caller.workflow_id, result_id=result_id, limit=limit, cursor=cursor
    )


def _named_file(path: str) -> list[str]:
    """Return the file as evidence: the worktree is on a host, and the reviewer's has it too.

    Raises:
        InvalidInput: the path leads out of the repository.
    """
    if not path:
        return []
    if path.startswith(("/", "~")):
        raise InvalidInput(
            "'markdown_file_path' must be relative to the repository's root.",
            field="markdown_file_path",
        )
    return [f"The result is in the file {checked_folder(path, 'markdown_file_path')}"]
