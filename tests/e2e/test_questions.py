"""Agents ask a person and wait without a slot, while the web process is killed again and again."""

import os
import signal
from pathlib import Path

import pytest

from hephaestus_sdk.errors import Conflict, Unavailable
from tests.e2e.scripts import task, write
from tests.e2e.stack import DEFINITION, Stack, assert_settled, git, running_stack
from tests.waiting import wait_until

TASKS = 3
ASK = "ask_person: {question: 'Which?', options: [left, right], wait: true}\n  save: asked"


def kill_web(stack: Stack) -> None:
    """Kill the web process at once; the supervisor starts it again."""
    pid = stack.pid("web")
    os.kill(pid, signal.SIGKILL)


def answer(stack: Stack, question_id: str, option: int) -> None:
    """Answer as a person does: once more where it is not known whether the first one counted."""

    def counts() -> bool:
        try:
            stack.sdk.answer(question_id, option=option)
        except Unavailable:
            return False
        except Conflict as error:
            return "has answered it" in error.message
        return True

    wait_until(counts, timeout=60, what="the answer counts")


@pytest.mark.timeout(300)
def test_tasks_that_wait_for_an_answer_hold_no_slot_and_lose_nothing(tmp_path: Path) -> None:
    with running_stack(tmp_path / "stack", host_slots=1) as stack:
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        for number in range(TASKS):
            steps = (
                f"run: echo once >> lines-{number}",
                ASK,
                write(f"chosen-{number}", "{{asked.answer}}"),
                "done: went on",
            )
            stack.sdk.create_task_in_workflow(workflow, task(f"Choose {number}.", *steps))
        other = stack.sdk.create_task_in_workflow(workflow, task("Another.", "done: at once"))
        open_questions = "SELECT id FROM questions WHERE status = 'open'"
        wait_until(lambda: stack.rows(open_questions), timeout=60, what="the first one asks")
        kill_web(stack)

        def all_wait() -> bool:
            states = [row["status"] for row in stack.rows("SELECT status FROM tasks")]
            return states.count("blocked") == TASKS

        wait_until(all_wait, timeout=90, what="all wait, one after the other on the only slot")
        wait_until(
            lambda: stack.one("SELECT status FROM tasks WHERE id = :id", id=other) == "done",
            timeout=30,
            what="the other task is done meanwhile",
        )
        assert stack.rows("SELECT id FROM agents WHERE ended_at IS NULL") == []
        asked = sorted(str(row["id"]) for row in stack.rows(open_questions))
        assert len(asked) == TASKS
        for question_id in asked:
            kill_web(stack)
            answer(stack, question_id, option=2)
        stack.sdk.wait_for_completion(workflow, timeout=120)

        for number in range(TASKS):
            assert git(stack.repository, "show", f"main:lines-{number}") == "once"
            assert git(stack.repository, "show", f"main:chosen-{number}") == "right"
        events = stack.rows("SELECT type FROM events WHERE type LIKE 'question.%'")
        assert len(events) == 2 * TASKS
        for waited in (each.id for each in stack.sdk.get_tasks() if each.id != other):
            first, second = stack.sdk.get_task(waited).attempts
            assert second.resumes_id == first.id
        assert_settled(stack)
