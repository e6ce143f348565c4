"""The sample run of the browser: a question is answered, the work approved, and it is on main."""

from pathlib import Path

import httpx
import pytest

from tests.e2e.stack import git, running_stack
from tests.integration.web.browsing import hidden
from tests.waiting import wait_until


@pytest.mark.timeout(300)
def test_the_sample_asks_waits_for_approval_and_delivers(tmp_path: Path) -> None:
    # No program of the settings is needed: the sample names its own.
    with running_stack(tmp_path / "stack", default_cli_tool="claude") as stack:
        address = stack.recorded["ui_url"]
        with httpx.Client(base_url=address, headers={"Accept": "text/html"}) as client:
            form = {"csrf_token": hidden(client.get("/login").text, "csrf_token")}
            token = (stack.home / "secrets" / "admin.token").read_text().strip()
            client.post("/login", data={**form, "token": token, "next": "/"})
            form = {"csrf_token": hidden(client.get("/first-run").text, "csrf_token")}
            started = client.post("/first-run/sample", data=form)
            workflow = started.headers["Location"].removeprefix("/workflows/")
            asked = "SELECT id FROM questions WHERE status = 'open'"
            wait_until(lambda: stack.rows(asked), timeout=90, what="an agent asks")
            [question] = stack.rows(asked)
            stack.sdk.answer(str(question["id"]), option=2)
            waits = (
                f"SELECT id FROM workflows WHERE id = '{workflow}'"
                " AND delivery_status = 'awaiting_approval'"
            )
            wait_until(lambda: stack.rows(waits), timeout=120, what="the work waits for approval")
            stack.sdk.client.approve_workflow(workflow)
        project = stack.home / "sample-project"
        notes = ("notes/evening.md", "notes/morning.md", "notes/word")

        def delivered() -> bool:
            files = git(project, "ls-tree", "-r", "--name-only", "main").split()
            return set(notes) <= set(files)

        wait_until(delivered, timeout=60, what="the notes are on main")
        assert git(project, "show", "main:notes/morning.md").startswith("Seen - the forge")
