"""The commits of tasks, read from real repositories."""

import os
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import Trouble
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.settings.config import load_settings
from hephaestus_core.tasks.service import bump_task
from hephaestus_core.tokens import token_hash
from hephaestus_web.history.service import commits_of
from tests.engine import Engine
from tests.integration.git.making import Repo
from tests.integration.mcp.callers import Person, answer
from tests.web_server import ADMIN, WebServer

Json = dict[str, Any]
SETTINGS = load_settings(environ={})


@pytest.fixture
def engine(web: WebServer) -> Engine:
    return Engine(web.database).with_host("b", slots=1000)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.make(tmp_path / "shop")
    repo.commit({"a": "1\n"}, at=1_700_000_000)
    repo.git("checkout", "--quiet", "-b", "hephaestus/one")
    return repo


def saved(engine: Engine, repository: Path | str, base: str, tip: str, *, done: bool) -> UUID:
    """Return a task whose attempt led from one commit to another."""
    order = LaunchOrder(definition_id=engine.define(), repository=str(repository))
    engine.workflow_id = lifecycle.start_workflow(engine.db, order).id
    task = engine.create()
    bump_task(engine.db, task.id)
    agent = engine.claimed("b")
    assert agent.task_id == task.id
    hosting.record_prepared(
        *(engine.db, agent.id),
        fence=agent.fence,
        base_commit=base,
        token_hash=token_hash(str(agent.id)),
    )
    hosting.record_running(engine.db, agent.id, fence=agent.fence)
    if done:
        engine.report_done(agent)
        engine.end(agent, commit=tip)
        assert engine.merge_due() == 1
    else:
        engine.end(agent, failure=Trouble("transient", "network"), commit=tip)
    return task.id


def read(api: httpx.Client, task_id: UUID) -> Json:
    answer = api.get(f"/api/v1/tasks/{task_id}/commits")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_the_commits_of_a_merged_task(
    api: httpx.Client, visitor: httpx.Client, engine: Engine, repo: Repo
) -> None:
    base = repo.tip("main")
    first = repo.commit({"a": "1\n2\n", "b": "x\n"}, at=1_700_000_100)
    repo.git("branch", "--force", "main")
    second = repo.commit({"a": None}, at=1_700_000_200)
    task_id = saved(engine, repo.path, base, second, done=True)

    found = read(api, task_id)

    assert (found["base"], found["tip"], found["base_branch"]) == (base, second, "main")
    assert (found["unread"], found["truncated"]) == (None, False)
    newest, oldest = found["commits"]
    assert oldest == {
        "id": first,
        "subject": "work",
        "author": "A User",
        "at": "2023-11-14T22:15:00Z",
        "files": 2,
        "insertions": 2,
        "deletions": 0,
        "in_base_branch": True,
    }
    assert (newest["id"], newest["in_base_branch"]) == (second, False)
    assert (newest["files"], newest["insertions"], newest["deletions"]) == (1, 0, 2)

    page = visitor.get(f"/tasks/{task_id}").text
    assert "Show its commits" in page
    assert second[:7] not in page.partition('id="commits"')[2].partition("</section>")[0]
    part = visitor.get(f"/tasks/{task_id}", params={"commits": "shown"}).text
    part = part.partition('id="commits"')[2].partition("</section>")[0]
    assert second[:7] in part
    assert "2 files, +2 −0 · in main" in part
    assert "1 file, +0 −2 · not in main" in part


def test_work_that_is_saved_and_not_merged_and_a_base_branch_that_is_gone(
    api: httpx.Client, engine: Engine, repo: Repo
) -> None:
    base = repo.tip()
    tip = repo.commit({"b": "x\n"})
    task_id = saved(engine, repo.path, base, tip, done=False)
    [found] = read(api, task_id)["commits"]
    assert (found["id"], found["in_base_branch"]) == (tip, False)
    repo.git("branch", "--delete", "--force", "main")
    assert read(api, task_id)["commits"] == [found]


def test_a_task_without_work_and_one_that_is_not_there(api: httpx.Client, workflow: Json) -> None:
    found = read(api, workflow["initial_task_id"])
    assert (found["tip"], found["commits"], found["unread"]) == (None, [], None)
    answer = api.get(f"/api/v1/tasks/{workflow['id']}/commits")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_where_the_history_cannot_be_read_the_answer_says_why(
    api: httpx.Client, engine: Engine, repo: Repo, tmp_path: Path
) -> None:
    base = repo.tip()
    tip = repo.commit({"b": "x\n"})
    behind = saved(engine, "https://a.example/r", base, tip, done=True)
    assert "behind a URL" in read(api, behind)["unread"]

    task_id = saved(engine, repo.path, base, tip, done=True)
    elsewhere = load_settings(environ={"HEPHAESTUS_MCP_HOST": "0.0.0.0"})
    assert "a folder of the hosts" in str(commits_of(engine.db, elsewhere, task_id).unread)

    lost = saved(engine, repo.path, base, "a" * 40, done=True)
    found = read(api, lost)
    assert (found["tip"], found["commits"]) == ("a" * 40, [])
    assert "cannot be read (fatal: Invalid revision range" in found["unread"]

    shutil.rmtree(repo.path)
    assert f"{repo.path} is no git repository" in read(api, task_id)["unread"]


def test_an_option_in_the_place_of_a_commit_is_none(
    api: httpx.Client, engine: Engine, repo: Repo, tmp_path: Path
) -> None:
    written = tmp_path / "written"
    task_id = saved(engine, repo.path, f"--output={written}", repo.tip(), done=True)
    assert "cannot be read (fatal:" in read(api, task_id)["unread"]
    assert not list(tmp_path.glob("written*"))


def test_git_gets_no_secret_and_nothing_that_a_repository_names_is_run(
    engine: Engine, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = repo.tip()
    tip = repo.commit({"b": "x\n", ".gitattributes": "* diff=evil filter=evil\n"})
    ran = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {ran}\n")
    evil.chmod(0o755)
    settings = ("core.fsmonitor", "core.pager", "core.sshCommand", "core.alternateRefsCommand")
    settings += ("diff.external", "diff.evil.command", "diff.evil.textconv", "gpg.program")
    settings += ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "pager.log")
    for name in settings:
        repo.git("config", name, str(evil))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "core.worktree", str(tmp_path))
    task_id = saved(engine, repo.path, base, tip, done=True)
    assert [each.id for each in commits_of(engine.db, SETTINGS, task_id).commits] == [tip]

    seen = tmp_path / "seen"
    (tmp_path / "bin").mkdir()
    spy = tmp_path / "bin" / "git"
    spy.write_text(f'#!/bin/sh\nenv >> {seen}\nexec {shutil.which("git")} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HEPHAESTUS_DATABASE_URL", "postgresql://hunter2")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert [each.id for each in commits_of(engine.db, SETTINGS, task_id).commits] == [tip]
    assert "PATH=" in seen.read_text()
    assert not any(word in seen.read_text() for word in ("hunter2", "/nowhere", "HEPHAESTUS"))
    assert not ran.exists()


def test_git_that_does_not_answer_is_ended(
    engine: Engine, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = repo.tip()
    task_id = saved(engine, repo.path, base, repo.commit({"b": "x\n"}), done=True)
    assert commits_of(engine.db, SETTINGS, task_id).unread is None
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin" / "git"
    slow.write_text("#!/bin/sh\nexec sleep 200\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    monkeypatch.setattr("hephaestus_web.history.reading._SECONDS", 0.5)
    assert "no answer within 0.5 s" in str(commits_of(engine.db, SETTINGS, task_id).unread)


def test_only_the_newest_commits_are_shown(api: httpx.Client, engine: Engine, repo: Repo) -> None:
    base = repo.tip()
    for number in range(53):
        repo.git("commit", "--quiet", "--allow-empty", "-m", f"work {number}")
    repo.git("branch", "--force", "main", "HEAD~49")
    found = read(api, saved(engine, repo.path, base, repo.tip(), done=True))
    assert (len(found["commits"]), found["truncated"]) == (50, True)
    assert {each["in_base_branch"] for each in found["commits"][:49]} == {False}
    assert found["commits"][49]["in_base_branch"]


def test_odd_dates_and_endless_subjects_are_shown_within_bounds(
    api: httpx.Client, engine: Engine, repo: Repo, tmp_path: Path
) -> None:
    base = parent = repo.tip()
    tree = repo.tip("HEAD^{tree}")
    for second in ("99999999999999", "18446744073709551616000", "-5", "soon"):
        written = tmp_path / "commit"
        who = f"A\x1b[2J User <user@example.org> {second} +9999"
        head = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n"
        written.write_bytes(head.encode() + b"\x1b[31m\xff" + b"x" * 1_000_000)
        parent = repo.git("hash-object", "-t", "commit", "-w", "--literally", str(written))
    task_id = saved(engine, repo.path, base, parent, done=True)

    answer = api.get(f"/api/v1/tasks/{task_id}/commits")

    assert len(answer.content) < 4000
    found = answer.json()["commits"]
    assert len(found) == 4, answer.json()
    assert all(1970 <= int(each["at"][:4]) <= 9999 for each in found)
    assert all(len(each["subject"]) <= 120 for each in found)
    assert "\x1b" not in answer.text
    assert "\\u001b" not in answer.text


def merged(engine: Engine, repo: Repo, title: str, files: dict[str, str | None]) -> UUID:
    """Return a task of the engine's workflow whose merge brought files in."""
    task_id = engine.create(title=title).id
    bump_task(engine.db, task_id)
    agent = engine.run(engine.claimed("b"))
    assert agent.task_id == task_id
    engine.finish(agent)
    repo.git("checkout", "--quiet", "-b", f"work-{task_id}", "one")
    repo.commit(files)
    repo.git("checkout", "--quiet", "one")
    repo.git("merge", "--quiet", "--no-ff", "-m", f"Merge: {title}", f"work-{task_id}")
    with engine.db.transaction() as session:
        session.execute(
            text("UPDATE merges SET commit = :commit WHERE task_id = :task_id"),
            {"commit": repo.tip("one"), "task_id": task_id},
        )
    return task_id


def test_files_by_author_and_authors_of_a_file(
    api: httpx.Client, visitor: httpx.Client, engine: Engine, repo: Repo
) -> None:
    repo.git("checkout", "--quiet", "-b", "one")
    order = LaunchOrder(definition_id=engine.define(), repository=str(repo.path))
    engine.workflow_id = lifecycle.start_workflow(engine.db, order).id
    odd = "> a\nb é"
    first = merged(engine, repo, "Build the door", {"a": "2\n", "door/x": "x\n", odd: "1\n"})
    second = merged(engine, repo, "Paint the door", {"a": None, "door/y": "y\n"})
    where = f"/api/v1/workflows/{engine.workflow_id}/files"

    def told(**asked: Any) -> Json:
        answer = api.get(where, params=asked)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    found = told()
    assert (found["merges"], found["truncated"], found["unread"]) == (2, False, None)
    assert [(each["path"], each["tasks"]) for each in found["files"]] == [
        ("a", 2),
        *(("> a\nb é", 1), ("door/x", 1), ("door/y", 1)),
    ]
    [deleted, changed] = found["files"][0]["authors"]
    assert (deleted["how"], deleted["task_id"], deleted["title"]) == (
        *("deleted", str(second)),
        "Paint the door",
    )
    assert (changed["how"], changed["task_id"]) == ("changed", str(first))
    of_second = told(task_id=str(second))["files"]
    assert [each["path"] for each in of_second] == ["a", "door/y"]
    assert [each["path"] for each in told(agent_id=deleted["agent_id"])["files"]] == ["a", "door/y"]
    assert [each["path"] for each in told(path="door")["files"]] == ["door/x", "door/y"]
    assert told(path="*")["files"] == []
    assert told(path="--output=/x")["files"] == []

    page = visitor.get(f"/workflows/{engine.workflow_id}").text
    assert "Show its files" in page
    part = visitor.get(f"/workflows/{engine.workflow_id}", params={"files": "shown"}).text
    part = part.partition('id="files"')[2].partition("</section>")[0]
    assert "deleted by" in part
    assert "Paint the door" in part
    assert api.get(f"/api/v1/workflows/{first}/files").status_code == 404

    # A merge that the repository has no more is left out; without the repository it says why.
    with engine.db.transaction() as session:
        session.execute(
            text("UPDATE merges SET commit = :commit WHERE task_id = :task_id"),
            {"commit": "a" * 40, "task_id": second},
        )
    assert {each["path"] for each in told()["files"]} == {"a", "door/x", odd}
    shutil.rmtree(repo.path)
    assert "is no git repository" in told()["unread"]


def test_tools_tell_the_files_of_a_workflow_and_the_commits_of_a_task(
    web: WebServer, engine: Engine, repo: Repo
) -> None:
    repo.git("checkout", "--quiet", "-b", "one")
    order = LaunchOrder(definition_id=engine.define(), repository=str(repo.path))
    engine.workflow_id = lifecycle.start_workflow(engine.db, order).id
    tasks = [merged(engine, repo, f"Coat {n}", {"a": f"{n}\n", f"b/{n}": "x"}) for n in range(4)]
    person = Person(ADMIN)
    asked = {"workflow_id": str(engine.workflow_id)}

    found = answer(web, person, "get_workflow_files", **asked)
    assert (found["merges"], found["truncated"], found["unread"]) == (4, False, None)
    assert [(each["path"], each["tasks"]) for each in found["files"]][:2] == [("a", 4), ("b/0", 1)]
    assert [each["title"] for each in found["files"][0]["authors"]] == [
        "Coat 3",
        "Coat 2",
        "Coat 1",
    ]
    [one] = answer(web, person, "get_workflow_files", **asked, path="a")["files"]
    assert [each["task_id"] for each in one["authors"]] == list(map(str, reversed(tasks)))
    of_task = answer(web, person, "get_workflow_files", **asked, task_id=str(tasks[2]), limit=1)
    assert ([each["path"] for each in of_task["files"]], of_task["truncated"]) == (["a"], True)

    base = repo.tip()
    tip = repo.commit({"c": "x\n"})
    task_id = saved(engine, repo.path, base, tip, done=False)
    told = answer(web, person, "get_task_commits", task_id=str(task_id))
    assert [(each["id"], each["in_base_branch"]) for each in told["commits"]] == [(tip, False)]
