"""A login in the URL of a repository reaches the hosts through every door, and is seen nowhere."""

import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from hephaestus_core.contract.home import HomeLayout
from tests.e2e.scripts import task, write
from tests.e2e.stack import DEFINITION, Stack, git, running_stack
from tests.git_server import GitServer, git_server
from tests.mcp_client import mcp_client
from tests.waiting import wait_until

DOORS = ("settings", "sdk", "rest", "mcp", "page", "cli")


@dataclass
class Canaries:
    """A login for each door, all of them found by one pattern."""

    mark: str = field(default_factory=lambda: f"canary{secrets.token_hex(8)}")

    def login(self, door: str) -> str:
        return f"u-{self.mark}-{door}:p-{self.mark}-{door}"

    def refuse(self, place: object, content: str | bytes) -> None:
        text = content if isinstance(content, str) else content.decode(errors="replace")
        at = text.find(self.mark)
        assert at < 0, f"a login stands in {place}: …{text[max(0, at - 200) : at + 60]!r}"


@contextmanager
def arguments_watched(seen: set[bytes]) -> Iterator[None]:
    """Collect the arguments of all processes of this machine until the end of the block."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(path.read_bytes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def work(door: str) -> str:
    """Return a task whose agent shows all that it can find out about its origin."""
    looks = "env; git config --list --show-origin; git remote -v; cat .git; ps -ef"
    return task(f"Work of {door}", f"run: '{looks}'", write(f"{door}.txt", door), "done: did it")


@dataclass
class Caller:
    """One stack with its doors; each call starts a workflow and returns its id."""

    stack: Stack
    canaries: Canaries
    answers: dict[str, str] = field(default_factory=dict)
    """Every answer of the stack, by its place."""

    @property
    def token(self) -> str:
        return HomeLayout(self.stack.home).admin_token.read_text().strip()

    def settings(self, url: str) -> str:
        assert url == self.stack.sdk.settings.main_repo_path
        return self.stack.sdk.start_workflow(DEFINITION.id, task=work("settings"))

    def sdk(self, url: str) -> str:
        return self.stack.sdk.start_workflow(DEFINITION.id, main_repo_path=url, task=work("sdk"))

    def rest(self, url: str) -> str:
        body = {"definition_id": DEFINITION.id, "main_repo_path": url, "task": work("rest")}
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.post(f"{self.stack.sdk.url}/api/v1/workflows", json=body, headers=headers)
        return str(self._kept("POST /workflows", answer).json()["id"])

    def mcp(self, url: str) -> str:
        async def start() -> str:
            async with mcp_client(str(self.stack.sdk.url), self.token) as client:
                arguments = {"main_repo_path": url, "task": work("mcp")}
                called = await client.call_tool(
                    "start_workflow", {"definition_id": DEFINITION.id, **arguments}
                )
                self.answers["start_workflow"] = called.model_dump_json()
                assert called.structured_content is not None, called
                return str(called.structured_content["id"])

        return asyncio.run(start())

    def page(self, url: str) -> str:
        with self.browser() as browser:
            place = f"/launch/{DEFINITION.id}"
            form = {"main_repo_path": url, "base_branch": "no/../branch", "task": work("page")}
            again = self._kept("the refused form", self._sent(browser, place, form))
            assert again.status_code == 422
            assert "Enter the URL again with its login" in again.text
            made = self._sent(browser, place, form | {"base_branch": "main"})
            assert made.status_code == 303, made.text
            return made.headers["Location"].rpartition("/")[2]

    def cli(self, url: str) -> str:
        """Run a definition of a file; the URL is in the environment: others can see arguments."""
        file = self.stack.home.parent / "definition.json"
        file.write_text(json.dumps({"id": "of-a-file", "name": "F", "phases": PHASES}))
        argv = [sys.executable, "-m", "hephaestus_sdk.cli.main", "run", str(file), "--json"]
        done = subprocess.run(
            [*argv, "--task", work("cli"), "--home", str(self.stack.home), "--timeout", "120"],
            env=os.environ | {"HEPHAESTUS_MAIN_REPO_PATH": url},
            cwd=self.stack.home.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        self.answers["hephaestus run"] = done.stdout + done.stderr
        assert done.returncode == 0, done.stdout + done.stderr
        return str(json.loads(done.stdout)["workflows"][0]["workflow_id"])

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=str(self.stack.sdk.url), timeout=30) as browser:
            browser.headers["Accept"] = "text/html"
            self._sent(browser, "/login", {"token": self.token, "next": "/"})
            yield browser

    def _sent(self, browser: httpx.Client, place: str, form: dict[str, str]) -> httpx.Response:
        page = browser.get(place).text
        hidden = dict(re.findall(r'name="(csrf_token|launch_key)" value="([^"]*)"', page))
        return browser.post(place, data=hidden | form)

    def _kept(self, place: str, answer: httpx.Response) -> httpx.Response:
        self.answers[place] = answer.text
        return answer


PHASES = [{"id": 1, "name": "first", "description": "Write a file."}]


@pytest.mark.timeout(400)
def test_a_login_works_through_every_door_and_is_seen_nowhere(tmp_path: Path) -> None:
    canaries, arguments = Canaries(), set[bytes]()
    with (
        git_server(tmp_path / "served") as server,
        running_on(server, canaries, tmp_path) as stack,
        arguments_watched(arguments),
    ):
        caller = Caller(stack, canaries)
        ids = {d: getattr(caller, d)(server.url(d, canaries.login(d))) for d in DOORS}
        for door, workflow in ids.items():
            assert stack.sdk.wait_for_completion(workflow, timeout=120).succeeded, door
            assert git(tmp_path / "served" / door, "show", f"main:{door}.txt") == door
            assert stack.sdk.get_workflow(workflow).repository == server.url(door)
        look_at_answers(caller, ids)
        look_at_rows(stack, canaries)
    assert len(arguments) > 50
    for argv in arguments:
        canaries.refuse("the arguments of a process", argv)
    look_at_files(stack.home, canaries)


@contextmanager
def running_on(server: GitServer, canaries: Canaries, folder: Path) -> Iterator[Stack]:
    """Run a stack whose settings name a repository with a login."""
    with running_stack(
        folder, main_repo_path=server.url("settings", canaries.login("settings"))
    ) as stack:
        for door in DOORS:
            server.add(door, stack.repository, canaries.login(door))
        yield stack


def look_at_answers(caller: Caller, ids: dict[str, str]) -> None:
    """Read all that API, pages and MCP offer about the workflows."""
    stack, answers = caller.stack, caller.answers
    headers = {"Authorization": f"Bearer {caller.token}"}
    with httpx.Client(base_url=str(stack.sdk.url), headers=headers, timeout=30) as client:
        for path in api_paths(stack, client, ids):
            answers[path] = client.get(path).text
    with caller.browser() as browser:
        for path in ("/", f"/launch/{DEFINITION.id}", *(f"/workflows/{i}" for i in ids.values())):
            answers[f"page {path}"] = browser.get(path).text
    answers.update(asyncio.run(mcp_answers(caller, ids)))
    assert len(answers) > 60
    for place, text in answers.items():
        caller.canaries.refuse(place, text)


_MORE_TABLES = {
    "merge_id": "merges",
    "review_id": "reviews",
    "question_id": "questions",
    "memory_id": "memories",
    "file_id": "result_files",
    "result_id": "results",
}


def api_paths(stack: Stack, client: httpx.Client, ids: dict[str, str]) -> list[str]:
    """Return the path of every route that reads, for every thing of the workflows."""
    tables = {"workflow_id": "workflows", "task_id": "tasks", "agent_id": "agents"}
    things = {
        name: [str(r["id"]) for r in stack.rows(f"SELECT id FROM {table}")]
        for name, table in (tables | _MORE_TABLES).items()
    }
    things |= {"definition_id": [DEFINITION.id], "beginning": [i[:8] for i in ids.values()]}
    found: list[str] = []
    for path, operations in client.get("/api/openapi.json").json()["paths"].items():
        if "get" in operations:
            name = re.search(r"{(\w+)}", path)
            found += (
                [path]
                if name is None
                else [path.replace(name[0], thing) for thing in things[name[1]]]
            )
    assert any(path.endswith("/output") for path in found)
    return found


async def mcp_answers(caller: Caller, ids: dict[str, str]) -> dict[str, str]:
    """Call every tool that reads workflows, and read every listed resource."""
    found: dict[str, str] = {}
    async with mcp_client(str(caller.stack.sdk.url), caller.token) as client:
        calls: list[tuple[str, dict[str, Any]]] = [("list_workflows", {})]
        calls += [
            (tool, {"workflow_id": workflow})
            for tool in ("get_workflow", "get_workflow_summary", "get_workflow_diff")
            for workflow in ids.values()
        ]
        for tool, given in calls:
            found[f"{tool} {given}"] = (await client.call_tool(tool, given)).model_dump_json()
        for resource in (await client.list_resources()).resources:
            read = await client.read_resource(str(resource.uri))
            found[str(resource.uri)] = read.model_dump_json()
    return found


def look_at_rows(stack: Stack, canaries: Canaries) -> None:
    """Read every table."""
    tables = stack.rows("SELECT relname FROM pg_stat_user_tables")
    assert stack.one("SELECT count(*) FROM repository_logins") == len(DOORS)
    for table in (row["relname"] for row in tables):
        rows = stack.rows(f'SELECT t::text AS row FROM "{table}" t')
        canaries.refuse(f"table {table}", "\n".join(row["row"] for row in rows))


def look_at_files(home: Path, canaries: Canaries) -> None:
    """Read every file of the stack: the servers' data, logs, mirrors and the agents' folders."""
    layout, read = HomeLayout(home), set[str]()
    for path in home.rglob("*"):
        # The settings of the running stack, beside the other secrets: for its owner alone.
        if path == layout.config_file:
            assert path.stat().st_mode & 0o077 == 0
        elif path.is_file() and not path.is_symlink():
            read.add(path.name)
            canaries.refuse(path, path.read_bytes())
    assert {"pane.log", "launch.sh", "prompt.md", "worker.log", "web.log", "beat.log"} <= read


def test_a_host_uses_a_login_that_was_given_anew(tmp_path: Path) -> None:
    canaries = Canaries()
    with (
        git_server(tmp_path / "served") as server,
        running_stack(tmp_path) as stack,
    ):
        server.add("moving", stack.repository, canaries.login("first"))
        url = server.url("moving", canaries.login("first"))
        first = stack.sdk.start_workflow(DEFINITION.id, main_repo_path=url, task=work("one"))
        assert stack.sdk.wait_for_completion(first, timeout=60).succeeded
        server.let_in["moving"] = canaries.login("second")
        url = server.url("moving", canaries.login("second"))
        second = stack.sdk.start_workflow(DEFINITION.id, main_repo_path=url, task=work("two"))
        assert stack.sdk.wait_for_completion(second, timeout=60).succeeded
        # An older workflow has the new login too.
        stack.sdk.create_task_in_workflow(first, work("three"), phase_id=1)
        wait_until(
            lambda: "three.txt" in git(server.folder / "moving", "ls-tree", "--name-only", "main"),
            timeout=60,
            what="the older workflow's new work is delivered",
        )
