"""Somebody who reads only what is on the screen launches a workflow."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.previews import pieces
from hephaestus_core.hosts.service import register
from tests.integration.git.making import Repo
from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import DESKTOP, PHONE, Opener
from tests.web_server import WebServer

TEMPLATE: dict[str, Any] = {
    "parameters": [
        {
            "name": "bug_description",
            "label": "Bug Description",
            "type": "textarea",
            "description": "Describe the bug - what's happening vs what should happen",
        },
        {
            "name": "severity",
            "label": "Severity",
            "type": "dropdown",
            "options": ["Critical", "High", "Medium", "Low"],
            "default": "Medium",
        },
        {"name": "tries", "label": "Tries", "type": "number", "required": False},
        {"name": "urgent", "label": "Urgent", "type": "boolean", "default": False},
    ],
    "phase_1_task_prompt": "Phase 1: Analyze and Reproduce Bug\n**Severity:** {severity}\n"
    "**Bug Description:**\n{bug_description}\nAt most {tries} tries; urgent: {urgent}.\n"
    "Your task: Reproduce this bug, identify the root cause, and create a Phase 2 fix task.",
}
BUG_FIX: dict[str, Any] = {
    "name": "Bug Fix",
    "description": "Analyze, fix, and verify bug fixes",
    "phases": [
        {"id": 1, "name": "analyze", "description": "Analyze and reproduce the bug"},
        {"id": 2, "name": "fix", "description": "Implement the fix"},
    ],
    "launch_template": TEMPLATE,
}


@pytest.fixture(autouse=True)
def bug_fix(api: httpx.Client) -> None:
    api.put("/api/v1/workflow-definitions/bug-fix", json=BUG_FIX).raise_for_status()


@pytest.fixture(autouse=True)
def host(web: WebServer) -> None:
    register(web.database, "build-1", slots=4, labels=[], lease_seconds=3600, programs=["claude"])


@pytest.fixture
def repository(tmp_path: Path) -> str:
    repo = Repo.make(tmp_path / "shop")
    repo.commit({"a": "1"})
    repo.git("branch", "release/1")
    return str(repo.path)


def _prompt(page: Page) -> str:
    return page.get_by_role("region", name="The first task").inner_text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_launch_with_faults_and_then_without(
    opened: Opener, repository: str, size: tuple[int, int]
) -> None:
    page = opened(size=size)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Launch").click()
    page.get_by_role("link", name="Launch Bug Fix").click()
    assert "{Bug Description}" in _prompt(page)
    page.get_by_label("Repository").fill("/nowhere")
    page.get_by_label("Bug Description").fill("   ")
    page.get_by_role("button", name="Launch Bug Fix").click()

    summary = page.get_by_role("alert", name="2 things are to be corrected")
    expect(summary).to_be_focused()
    assert violations(page) == []
    expect(summary).to_contain_text("Repository: /nowhere is no git repository")
    summary.get_by_role("link", name="Bug Description is required.").click()
    field = page.get_by_role("textbox", name="Bug Description")
    expect(field).to_be_focused()
    page.keyboard.type("Prices <b>double</b>")
    assert "Prices <b>double</b>" in _prompt(page)
    page.get_by_label("Severity").select_option("High")
    page.get_by_role("checkbox", name="Urgent").check()
    assert "**Severity:** High" in _prompt(page)
    assert "urgent: yes" in _prompt(page)

    page.get_by_label("Repository").fill(repository)
    page.get_by_label("Base branch").focus()
    branches = page.get_by_role("list", name="Branches")
    expect(branches.get_by_role("button", name="main", pressed=True)).to_be_visible()
    branches.get_by_role("button", name="release/1").click()
    ahead = page.get_by_role("status", name="Before the launch")
    expect(ahead).to_contain_text("release/1 is at")
    expect(branches.get_by_role("button", name="release/1", pressed=True)).to_be_focused()
    expect(page.get_by_label("Base branch")).to_have_value("release/1")
    expect(ahead).to_contain_text("claude on build-1")
    expect(ahead).to_contain_text("4 of 4 slots free")
    assert violations(page) == []
    page.get_by_role("button", name="Launch Bug Fix").click()
    expect(page.get_by_role("heading", name="Prices <b>double</b>")).to_be_visible()


def test_the_prompt_follows_typing_by_the_rules_of_the_server(opened: Opener) -> None:
    page = opened("/launch/bug-fix")
    template = LaunchTemplate.from_dict(TEMPLATE)
    for bug, tries in (
        ("", ""),
        (" {severity} $& \\1\n\n<b>", "007"),
        ("tab\tbell\x07 and \x85", "1e3"),
        ("x", "0.00001"),
        ("😀", "123456789012345678901234567890"),
        ("x", "-0.0"),
        ("x", "1e22"),
        ("x", "1e101"),
        (" \n ", "0.1"),
    ):
        page.get_by_label("Bug Description").fill(bug)
        page.get_by_label("Tries").fill(tries)
        values = {"bug_description": bug, "tries": tries}
        expected = "".join(piece.text for piece in pieces(template, values))
        assert page.get_by_role("region", name="The first task").text_content() == expected
