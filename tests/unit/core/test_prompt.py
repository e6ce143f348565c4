import re
from typing import Any
from uuid import UUID

import pytest

from hephaestus_core.agents.prompt import PromptParts, build_prompt, build_resume_prompt
from hephaestus_core.agents.tools import TOOLS
from hephaestus_core.contract.statuses import TaskKind

PHASE = {
    "id": 2,
    "name": "fix",
    "description": "Fix it.",
    "additional_notes": "Be careful.",
    "outputs": ["a fix"],
    "next_steps": ["verify"],
}


def parts(**changes: Any) -> PromptParts:
    given: dict[str, Any] = {
        "agent_id": UUID(int=1),
        "task_id": UUID(int=2),
        "workflow_id": UUID(int=3),
        "attempt": 1,
        "kind": TaskKind.WORK,
        "description": "Do $(this) `now` {x}",
        "done_definition": "- it works",
        "phase": PHASE,
        "phases": [(1, "find", "Find it.\nMore."), (2, "fix", "Fix it.")],
        "workflow_description": "A bug",
        "config": {"has_result": True, "result_criteria": "gone"},
        "earlier_failure": None,
        "branch": "hephaestus/task/x-1",
    }
    return PromptParts(**(given | changes))


def test_all_that_an_agent_needs_stands_in_its_prompt() -> None:
    prompt = build_prompt(parts())
    for words in ("Do $(this) `now` {x}", "- it works", "Be careful.", "1 find: Find it.", "gone"):
        assert words in prompt
    assert str(UUID(int=1)) in prompt


def test_an_agent_is_told_whether_its_work_is_committed_for_it() -> None:
    assert "is committed for you" in build_prompt(parts())
    own = build_prompt(parts(auto_commit=False, earlier_failure="it crashed"))
    assert "nothing is committed for you" in own
    assert "there as uncommitted changes" in own


def test_a_workflow_that_needs_no_result_says_that_it_takes_one() -> None:
    assert "`submit_result` before you report done" in build_prompt(parts(config={}))
    assert "`submit_result` before you report done" not in build_prompt(parts())
    assert "submit_result`" not in build_prompt(parts(config={}, kind=TaskKind.CONFLICT))


def test_only_who_judges_is_told_to_judge_first() -> None:
    told = {kind for kind in TaskKind if "Judge with" in build_prompt(parts(kind=kind))}
    assert told == {TaskKind.RESULT_REVIEW, TaskKind.REVIEW}


@pytest.mark.parametrize("kind", TaskKind)
def test_a_prompt_names_only_tools_that_exist(kind: TaskKind) -> None:
    prompt = build_prompt(parts(kind=kind, description="", phase=None, phases=[]))
    named = set(re.findall(r"`([a-z_]+_[a-z_]+)`", prompt))
    assert named
    assert named <= {tool.name for tool in TOOLS}


def test_a_later_attempt_is_told_why_the_earlier_one_ended() -> None:
    prompt = build_prompt(parts(attempt=2, earlier_failure="it was killed"))
    assert "it was killed" in prompt


def test_one_that_goes_on_is_told_what_happened_and_who_it_is_now() -> None:
    given = parts(attempt=2, earlier_failure="ended by signal 9", branch="hephaestus/task/x-2")
    prompt = build_resume_prompt(given)
    for words in ("ended by signal 9", "attempt 2", str(UUID(int=1)), "hephaestus/task/x-2"):
        assert words in prompt
    assert given.description not in prompt, "the conversation has it"
