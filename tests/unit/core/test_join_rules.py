from uuid import UUID

from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.tasks.join_rules import EndedTask, join_description, join_title

PHASE = {"id": 3, "name": "verify", "join": [1, 2], "max_rounds": 3}
NAMES = {1: "prove", 2: "fix", 3: "verify"}


def ended(status: TaskStatus, *, summary: str = "", reason: str | None = None) -> EndedTask:
    return EndedTask(UUID(int=7), 2, status, "Mend it", summary, reason)


def test_the_text_says_which_tasks_have_ended_and_how() -> None:
    tasks = [
        ended(TaskStatus.FAILED, summary="half", reason="no such\nfile"),
        ended(TaskStatus.DONE, summary="mended,\n\nand tested"),
    ]
    text = join_description(PHASE, NAMES, tasks, number=1)
    assert join_title(PHASE, 1) == "verify, round 1"
    assert text.startswith("Round 1 of at most 3: all tasks of phase 1 (prove), 2 (fix) are over")
    assert f"- failed, phase 2 (fix), task {UUID(int=7)}: Mend it – no such file" in text
    assert "Mend it – mended, and tested" in text


def test_the_text_is_bounded() -> None:
    many = [ended(TaskStatus.DONE, summary="x" * 5000)] * 500
    text = join_description(PHASE, NAMES, many, number=2)
    assert len(text) < 60 * 900
    assert "and 440 more" in text
