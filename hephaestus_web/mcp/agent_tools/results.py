"""Tools about a workflow's results."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

from anyio import to_thread
from pydantic import Field

from hephaestus_core.contract.errors import InvalidInput, NotFound
from hephaestus_core.contract.folders import checked_folder
from hephaestus_core.contract.texts import plain
from hephaestus_core.results import files as kept
from hephaestus_core.results import proofs, service
from hephaestus_core.results.views import ResultView
from hephaestus_web.mcp.identity import AgentDoor, CallContext, agent_door, live_door
from hephaestus_web.mcp.reading import read_results
from hephaestus_web.mcp.shapes import Cursor, Limit, NextStep, OnlyResult, Results, Texts
from hephaestus_web.mcp.waits import waiting

#: Seconds for which a submission waits for the host that reads its files, and between two looks.
_FILES_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.1
#: Most bytes of a file that one answer shows.
_READ_BYTES: Final = 32_768


@dataclass(frozen=True)
class FileText:
    """A part of a file."""

    path: str
    size: int
    text: str
    next_offset: int | None


@dataclass(frozen=True)
class Submitted(ResultView):
    """A result that was submitted or judged, and what happens next."""

    next_step: NextStep


Outcome = Literal["done", "not_reproduced", "needs_decision", "wont_fix", "not_possible"]
Evidence = Annotated[Texts, Field(description="Commands with their output, files, numbers.")]


async def submit_result(
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
    files: Annotated[
        Texts,
        Field(description="Files of your worktree to keep with it, from the root; 20 MiB at most."),
    ] = [],  # noqa: B006
) -> Submitted:
    """Submit a result for the caller's workflow."""
    own = agent_door(context)
    read = partial(_read_by_host, files)
    request_id = await waiting(own, _FILES_SECONDS, read) if files else None
    submit = partial(
        service.submit,
        own.database,
        own.agent_id,
        explanation=explanation,
        evidence=[*evidence, *_named_file(markdown_file_path)],
        content=content,
        outcome=outcome,
        proof=proof,
        files_request=request_id,
    )
    result = await to_thread.run_sync(submit)
    awaited = await to_thread.run_sync(proofs.awaited, own.database, result.id)
    return Submitted(**vars(result), next_step=_after_submission(awaited))


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


def get_result_file(
    context: CallContext,
    file_id: Annotated[UUID, Field(description="A file's id, from get_workflow_results.")],
    offset: Annotated[int, Field(ge=0, description="The first byte to return.")] = 0,
) -> FileText:
    """Read a part of a text file that was handed in with a result of the caller's workflow."""
    own = live_door(context)
    file, workflow_id, content = kept.read(own.database, file_id)
    if workflow_id != own.caller.workflow_id:
        raise NotFound(f"Your workflow has no such file: {file_id}.", field="file_id")
    part = content[offset : offset + _READ_BYTES]
    following = offset + len(part)
    return FileText(
        path=file.path,
        size=file.size,
        text=plain(part.decode(errors="replace")),
        next_offset=following if following < file.size else None,
    )


def _after_submission(awaited: list[str]) -> str:
    seen = "get_workflow_results shows what comes of that."
    if not awaited:
        return f"It is checked and judged; {seen} Report your own task now."
    return (
        "Report your own task now, with `proof`: the `command` that runs the test for "
        f"{' and '.join(awaited)}. Your result is checked and judged then; {seen}"
    )


def _read_by_host(paths: list[str], own: AgentDoor) -> UUID:
    """Have the agent's host read the files; wait a little until it has done so."""
    request_id = kept.ask(own.database, own.agent_id, paths)
    deadline = time.monotonic() + _FILES_SECONDS
    while not kept.is_answered(own.database, request_id) and time.monotonic() < deadline:
        if not own.feed.pause(_LOOK_SECONDS):  # the server is stopping
            break
    return request_id


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
