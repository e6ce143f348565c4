"""Summaries: what they count, when they call it a success, and how they print."""

import shlex
from typing import Any

import pytest

from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.decoding import decode
from hephaestus_sdk.api.summary import CompletionSummary, WorkflowSummary, duration

DONE: dict[str, Any] = {
    "workflow_id": "w1",
    "status": "active",
    "finished": True,
    "duration_seconds": 75.2,
    "tasks": {"total": 2, "done": 2},
    "phases": [{"id": 1, "name": "build", "total": 2, "done": 2, "failed": 0}],
    "tree": [
        {
            "task_id": "a",
            "phase_id": 1,
            "title": "Top",
            "description": "Top\nmore",
            "status": "done",
        },
        {
            "task_id": "b",
            "phase_id": 1,
            "title": "Below",
            "description": "Below",
            "status": "done",
            "parent_task_id": "a",
            "duration_seconds": 4.25,
        },
    ],
    "delivery": {"status": "held", "reason": "uncommitted changes"},
}


def summary(**changes: Any) -> WorkflowSummary:
    return decode(WorkflowSummary, {**DONE, **changes})


@pytest.mark.parametrize(
    ("changes", "succeeded"),
    [
        ({}, True),
        ({"finished": False}, False),
        ({"tasks": {"total": 2, "done": 1, "failed": 1}}, False),
        ({"tasks": {"total": 2, "done": 1, "cancelled": 1}}, False),
        ({"tasks": {"total": 0}}, False),
        ({"status": "stopped"}, False),
        ({"delivery": {"status": "conflict"}}, False),
        ({"result": {"status": "accepted"}, "tasks": {"total": 1, "failed": 1}}, True),
        ({"result": {"status": "accepted"}, "delivery": {"status": "conflict"}}, False),
        ({"result": {"status": "rejected"}}, False),
    ],
)
def test_what_counts_as_success(changes: dict[str, Any], succeeded: bool) -> None:
    assert summary(**changes).succeeded is succeeded


def test_several_workflows_are_added_up() -> None:
    both = CompletionSummary(
        workflows=(
            summary(),
            summary(workflow_id="w2", duration_seconds=3, tasks={"total": 1, "failed": 1}),
        )
    )
    assert both.tasks == {"total": 3, "done": 2, "failed": 1}
    assert both.duration_seconds == 75.2
    assert both.result is None
    assert both.durations == {"b": 4.25}
    assert both.to_dict()["workflows"][1]["workflow_id"] == "w2"


def test_it_prints_who_created_what() -> None:
    text = str(CompletionSummary(workflows=(summary(),)))
    assert "Workflow w1 active after 1 min 15 s: 2 tasks (2 done)" in text
    assert "\n  - [1] Top: done, -\n    - [1] Below: done, 4.2 s" in text
    review = summary(tree=[{"task_id": "r", "kind": "result_review", "status": "done"}])
    assert "- [result review]" in str(CompletionSummary(workflows=(review,)))
    assert "delivery: held (uncommitted changes)" in text


def test_it_prints_what_keeps_work_from_being_merged() -> None:
    held = {"merge_id": "m", "task_id": "a", "title": "Top", "reason": "commit first"}
    assert "\n  merge held: Top (commit first)\n" in str(
        CompletionSummary(workflows=(summary(held_merges=[held]),))
    )


def test_it_prints_the_files_that_are_in_no_commit() -> None:
    file = {"path": "a.ps1", "files": 1, "bytes": 0, "reason": "clean filter failed"}
    left = {"task_id": "a", "title": "Top", "host": "one", "folder": "/left", "files": [file]}
    text = str(CompletionSummary(workflows=(summary(not_committed=[left]),)))
    assert (
        "\n  not committed: a.ps1 (0.0 MB: clean filter failed); of Top, on host 'one' in /left\n"
    ) in text


@pytest.mark.parametrize(
    ("kind", "path", "kept", "command"),
    [
        ("content", "a b.py", "ours", ["git", "show", "b" * 12 + ":a b.py"]),
        ("content", "a.py", "theirs", ["git", "show", "a" * 12 + ":a.py"]),
        ("modify_delete", "a.py", "ours", ["git", "show", "b" * 12, "--", "a.py"]),
        ("content", "a\n; rm x", "ours", ["git", "show", "b" * 12]),
    ],
)
def test_it_prints_how_to_see_the_version_that_was_not_kept(
    kind: str, path: str, kept: str, command: list[str]
) -> None:
    conflict = {"path": path, "kind": kind, "kept": kept, "ours": "main", "theirs": "work"}
    commits = {"ours_commit": "a" * 40, "theirs_commit": "b" * 40}
    decided = summary(conflicts=[conflict | commits])
    look_up = decided.conflicts[0].look_up
    assert look_up is not None
    assert shlex.split(look_up) == command
    [line] = [x for x in str(CompletionSummary(workflows=(decided,))).splitlines() if "conf" in x]
    kept_branch, other = ("main", "work") if kept == "ours" else ("work", "main")
    assert f"kept the version of {kept_branch}; `{look_up}` shows that of {other}" in line


def test_a_loop_among_parents_ends() -> None:
    tree = [
        {"task_id": "a", "parent_task_id": "b", "description": "A"},
        {"task_id": "b", "parent_task_id": "a", "description": "B"},
    ]
    assert "2 tasks" in str(CompletionSummary(workflows=(summary(tree=tree),)))


def test_texts_of_agents_cannot_command_the_terminal() -> None:
    assert first_line("\n \x1b[2Jgone\x07 ") == "?[2Jgone?"
    assert first_line("x" * 99, 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0.42, "0.4 s"),
        (12.4, "12 s"),
        (59.7, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7810, "2 h 10 min"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
