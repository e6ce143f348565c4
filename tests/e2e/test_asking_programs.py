"""Real programs that would ask at their terminal, where nobody sits; only their model is scripted.

Each works in a repository whose own settings have the program ask: for permissions, for questions,
for the approval of plans.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from hephaestus_sdk.api.attention_views import AttentionItem
from tests.e2e.planned import DONE, Move, Plan, Planned
from tests.e2e.program_floor import Floor, floor_of
from tests.e2e.program_records import Record, Situation, keep
from tests.e2e.stack import commit_files, git, make_repository
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import ModelCase, Run
from tests.model_server import ToolUse
from tests.waiting import wait_until

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(300)]

#: Seconds until a call that would ask is settled, and a dialog without hooks is told: 5 s and
#: one sweep, and as many more as a busy machine may take.
SETTLED: Final = 20.0
TOLD: Final = 90.0
#: How long all may take on a machine that is busy with other tests.
PATIENCE: Final = 180.0
CASES: Final = (CLAUDE, CODEX_CLI, OPENCODE_CLI, DROID_EXEC)
ASKED: Final = [
    {
        "id": "which",
        "question": "Which?",
        "header": "Which",
        "multiSelect": False,
        "options": [{"label": "left", "description": ""}, {"label": "right", "description": ""}],
    }
]
_HOOK: Final = json.dumps(
    {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "ask"}}
)
CLAUDE_SETTINGS: Final = {
    "permissions": {"ask": ["Bash(touch:*)"], "defaultMode": "plan"},
    "hooks": {
        "PreToolUse": [
            {
                "matcher": "Bash",
                "hooks": [{"type": "command", "command": f"grep -q nod && echo '{_HOOK}' || true"}],
            }
        ]
    },
}
#: By which each program would ask for a command that begins with `touch`.
SETTINGS: Final = {
    ".claude/settings.json": json.dumps(CLAUDE_SETTINGS),
    ".codex/config.toml": 'approval_policy = "on-request"\nsandbox_mode = "read-only"\n',
    ".codex/rules/default.rules": 'prefix_rule(pattern=["touch"], decision="prompt")\n',
    "opencode.json": json.dumps({"permission": {"bash": {"touch *": "ask"}, "question": "allow"}}),
    ".factory/settings.json": json.dumps({"commandDenylist": ["touch"], "autonomyLevel": "low"}),
}
#: Tools by which programs ask at their terminal: none is on offer.
ASKING_TOOLS: Final = {
    *("AskUserQuestion", "EnterPlanMode", "ExitPlanMode"),
    *("question", "plan_enter", "plan_exit", "AskUser", "ExitSpecMode"),
}
PLANS: Final = {"EnterPlanMode", "ExitPlanMode", "plan_enter", "plan_exit", "ExitSpecMode"}
TOUCH: Final = Run("touch touched.txt")


@dataclass(frozen=True)
class Asker:
    """A program with the tools by which its model has it ask."""

    case: ModelCase
    asks: tuple[Run | ToolUse, ...]

    @property
    def task(self) -> str:
        return f"Ask as {self.case.name} does."

    @property
    def situations(self) -> dict[Situation, int | None]:
        """The move that brings it into each situation; None: it has no tool for that."""
        names = [each.name if isinstance(each, ToolUse) else "" for each in self.asks]
        plans = [name for name in names if name in PLANS]
        asks = [name for name in names if name and name not in PLANS]
        return {
            Situation.PERMISSION: 0,
            Situation.QUESTION: names.index(asks[0]) if asks else None,
            Situation.PLAN: names.index(plans[-1]) if plans else None,
        }

    @property
    def plan(self) -> Plan:
        wrote = Run(f"echo went on > {self.case.name}.txt")
        return Plan(self.case, (*self.asks, wrote, DONE))


ASKERS: Final = (
    Asker(
        CLAUDE,
        (
            TOUCH,
            Run("echo by a nod"),
            ToolUse("AskUserQuestion", {"questions": ASKED}),
            ToolUse("EnterPlanMode"),
            ToolUse("ExitPlanMode", {"plan": "1. Write it."}),
        ),
    ),
    Asker(CODEX_CLI, (TOUCH, ToolUse("request_user_input", {"questions": ASKED}))),
    Asker(
        OPENCODE_CLI,
        (TOUCH, ToolUse("question", {"questions": ASKED}), ToolUse("plan_enter")),
    ),
    # It has no tools that ask.
    Asker(DROID_EXEC, (TOUCH,)),
)
#: A task at which the program's own hooks are switched off, so that its dialog stands.
STANDS: Final = "Ask where the hooks are off."
STANDING: Final[tuple[Move, ...]] = (TOUCH, DONE)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("asking")
    plans = {asker.task: asker.plan for asker in ASKERS}
    planned = Planned({**plans, STANDS: Plan(CLAUDE, STANDING)})
    with floor_of(CASES, planned, folder, slots=len(ASKERS) + 1) as running:
        commit_files(running.stack.repository, SETTINGS)
        for asker in ASKERS:
            running.begin(asker.case, asker.task)
        unhooked = make_repository(folder / "unhooked")
        off = {**CLAUDE_SETTINGS, "disableAllHooks": True}
        commit_files(unhooked, {".claude/settings.json": json.dumps(off)})
        running.begin(CLAUDE, STANDS, repository=unhooked)
        yield running


def inbox(floor: Floor, task: str) -> list[AttentionItem]:
    items = floor.stack.sdk.client.inbox().items
    return [item for item in items if item.task_id == floor.tasks[task]]


def answers(floor: Floor, task: str) -> list[str]:
    """Return what the tools answered, oldest first."""
    return [text for talk in floor.talks(task)[-1:] for text in talk.tool_results()]


def seconds_of(floor: Floor, task: str, move: int) -> float:
    """Return for how long the program was busy with a move of its model."""
    begun, over = (floor.planned.asked[task, turn] for turn in (move, move + 1))
    return (over - begun).total_seconds()


@pytest.mark.parametrize("asker", ASKERS, ids=lambda asker: asker.case.name)
def test_what_would_ask_at_the_terminal_is_settled_and_the_agent_goes_on(
    floor: Floor, asker: Asker
) -> None:
    stack = floor.stack
    stack.sdk.wait_for_completion(floor.workflows[asker.task], timeout=PATIENCE)
    ended = stack.sdk.get_task(floor.tasks[asker.task])
    why = [(each.failure_reason, answers(floor, asker.task)) for each in ended.attempts]
    assert (ended.status, ended.attempt) == ("done", 1), why
    assert git(stack.repository, "show", f"main:{asker.case.name}.txt") == "went on"
    query = "SELECT text FROM questions WHERE task_id = :id"
    assert stack.rows(query, id=ended.id) == []
    assert inbox(floor, asker.task) == []
    assert not ASKING_TOOLS & set(floor.talks(asker.task)[-1].tools)
    for situation, move in asker.situations.items():
        seconds = None if move is None else seconds_of(floor, asker.task, move)
        assert seconds is None or seconds < SETTLED
        outcome = outcome_of(floor, asker, situation)
        keep(Record(asker.case.name, asker.case.version, situation, outcome, seconds))


def outcome_of(floor: Floor, asker: Asker, situation: Situation) -> str:
    """Return what has become of the call that would ask."""
    if situation is Situation.PERMISSION:
        told = "Nobody sits" in answers(floor, asker.task)[0]
        return "refused, the agent is told" if told else "carried out"
    move = asker.situations[situation]
    call = None if move is None else asker.asks[move]
    on_offer = isinstance(call, ToolUse) and call.name in floor.talks(asker.task)[-1].tools
    return "refused, the agent is told" if on_offer else "not on offer"


def test_claude_is_told_of_the_tool_for_questions_in_place_of_a_dialog(floor: Floor) -> None:
    floor.stack.sdk.wait_for_task(floor.tasks[ASKERS[0].task], timeout=PATIENCE)
    refused = [text for text in answers(floor, ASKERS[0].task) if "Nobody sits" in text]
    assert len(refused) == 2
    assert all("ask_person" in text for text in refused)


def test_a_permission_prompt_that_stands_is_in_the_inbox_and_costs_no_slot(floor: Floor) -> None:
    stack, task = floor.stack, floor.tasks[STANDS]
    [item] = wait_until(
        lambda: [each for each in inbox(floor, STANDS) if each.kind == "question"],
        timeout=PATIENCE,
        what="the dialog is in the inbox",
    )
    assert "touch touched.txt" in item.evidence + item.title
    assert "Do you want to proceed?" in item.evidence + item.title
    blocked = lambda: stack.sdk.get_task(task).status == "blocked"  # noqa: E731
    wait_until(blocked, timeout=PATIENCE, what="the task waits without a slot")
    [question] = stack.rows("SELECT id::text, asked_at FROM questions WHERE task_id = :id", id=task)
    seconds = (question["asked_at"] - floor.planned.asked[STANDS, 0]).total_seconds()
    assert seconds < TOLD
    outcome = "a person's question"
    keep(Record(CLAUDE.name, CLAUDE.version, Situation.DIALOG, outcome, seconds))
    stack.sdk.answer(question["id"], "Leave the file alone, and report.")

    ended = stack.sdk.wait_for_task(task, timeout=PATIENCE)
    assert (ended.status, ended.attempt) == ("done", 2)
    first, second = ended.attempts
    assert second.resumes_id == first.id
    heard = [text for r in floor.server.conversations() for text in r.texts("user")]
    assert any("Leave the file alone, and report." in text for text in heard)
