"""Submodules: agents get their files where the host may fetch them, and hear of the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.repository_urls import Login
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.git.worktrees.submodules import Empty, check_out_submodules, note
from tests.integration.git.making import Host, Repo
from tests.loopback_server import serving

LOCAL = ("-c", "protocol.file.allow=always")


@pytest.fixture
def lib(tmp_path: Path) -> Repo:
    made = Repo.make(tmp_path / "lib")
    made.commit({"lib.txt": "of the library\n"})
    return made


@pytest.fixture
def user(user: Repo, lib: Repo) -> Repo:
    """A clone whose submodule `lib` has been checked out."""
    user.git(*LOCAL, "submodule", "--quiet", "add", "../lib", "lib")
    user.commit({})
    return user


def _declare(user: Repo, lib: Repo, *, url: str, name: str = "lib", path: str = "lib") -> None:
    """Commit a submodule without asking git whether it may be one."""
    user.commit({".gitmodules": f'[submodule "{name}"]\n\tpath = {path}\n\turl = "{url}"\n'})
    user.git("update-index", "--add", "--cacheinfo", f"160000,{lib.tip()},lib")
    user.git("commit", "--quiet", "--allow-empty", "-m", "pointer")


def _host(origin: object, tmp_path: Path, login: Login | None = None) -> Host:
    mirror = Mirror.open(str(origin), tmp_path / "mirrors", login)
    return Host(mirror, tmp_path / "worktrees")


def _start(
    host: Host, name: str = "one", *, commit: str | None = None, wanted: bool = True
) -> tuple[Repo, list[Empty]]:
    agent = host.worktree(name, commit=commit)
    left = check_out_submodules(agent.path, host.mirror, base_branch="main", wanted=wanted)
    return agent, left


def _is_there(agent: Repo, path: str = "lib") -> bool:
    return (agent.path / path / "lib.txt").exists()


def test_the_submodules_of_a_clone_are_there_for_agents(
    user: Repo, lib: Repo, tmp_path: Path
) -> None:
    lib.path.rename(tmp_path / "away")  # the clone has it
    agent, left = _start(_host(user.path, tmp_path))
    assert left == []
    assert (agent.path / "lib" / "lib.txt").read_text() == "of the library\n"
    inner = Repo(agent.path / "lib")
    assert inner.git("log", "--format=%s") == "work"
    assert inner.git("status", "--porcelain") == agent.git("status", "--porcelain") == ""
    assert agent.git("submodule", "status").startswith(inner.tip())


def test_a_second_call_changes_nothing(user: Repo, tmp_path: Path) -> None:
    host = _host(user.path, tmp_path)
    agent, _ = _start(host)
    Repo(agent.path / "lib").write({"lib.txt": "changed\n"})
    assert check_out_submodules(agent.path, host.mirror, base_branch="main", wanted=True) == []
    assert (agent.path / "lib" / "lib.txt").read_text() == "changed\n"


def test_one_that_a_kill_left_half_made_is_completed(user: Repo, tmp_path: Path) -> None:
    host = _host(user.path, tmp_path)
    agent, _ = _start(host)
    next((tmp_path / "worktrees").rglob("modules/lib/index")).unlink()
    (agent.path / "lib" / "lib.txt").unlink()
    assert check_out_submodules(agent.path, host.mirror, base_branch="main", wanted=True) == []
    assert _is_there(agent)


@pytest.mark.parametrize("kind", ["a clone without them", "a file URL", "a bare repository"])
def test_a_relative_url_is_relative_to_the_true_origin(
    kind: str, user: Repo, tmp_path: Path
) -> None:
    away = tmp_path / "elsewhere"
    away.mkdir()
    if kind == "a clone without them":
        user.git("clone", "--quiet", str(user.path), str(away / "clone"))
        origin = str(away / "clone")
    elif kind == "a file URL":
        origin = user.path.as_uri()
    else:
        user.git("clone", "--quiet", "--bare", str(user.path), str(tmp_path / "bare.git"))
        Repo(tmp_path / "bare.git").git("config", "--remove-section", "remote.origin")
        origin = str(tmp_path / "bare.git")
    agent, left = _start(_host(origin, tmp_path))
    assert left == []
    assert _is_there(agent)


def test_submodules_of_submodules_come_along(user: Repo, lib: Repo, tmp_path: Path) -> None:
    outer = Repo.make(tmp_path / "outer")
    outer.git(*LOCAL, "submodule", "--quiet", "add", "../lib", "deep/lib")
    outer.commit({})
    user.git(*LOCAL, "submodule", "--quiet", "add", "../outer", "outer")
    user.commit({})
    agent, left = _start(_host(user.path.as_uri(), tmp_path))
    assert left == []
    assert _is_there(agent, "outer/deep/lib")
    assert Repo(agent.path / "outer" / "deep" / "lib").git("status", "--porcelain") == ""


def test_off_they_stay_empty_and_the_prompt_says_so(user: Repo, tmp_path: Path) -> None:
    agent, left = _start(_host(user.path, tmp_path), wanted=False)
    assert not _is_there(agent)
    assert [each.path for each in left] == ["lib"]
    assert "- `lib`: git.submodules is off on this host.\n" in note(left)
    assert note([]) == ""


def test_work_beside_and_in_a_submodule_is_saved(user: Repo, tmp_path: Path) -> None:
    host = _host(user.path, tmp_path)
    agent, _ = _start(host)
    start = agent.tip()
    assert worktrees.save(agent.path, message="save").tip == start
    agent.write({"new.txt": "1\n"})
    inner = Repo(agent.path / "lib")
    inner.git("config", "user.name", "An agent")
    commit = inner.commit({"lib.txt": "of an agent\n"})
    tip = worktrees.save(agent.path, message="save").tip
    assert host.in_mirror("ls-tree", tip, "lib").split()[2] == commit
    assert host.in_mirror("cat-file", "blob", f"{commit}:lib.txt") == "of an agent"
    assert host.in_mirror("cat-file", "blob", f"{tip}:new.txt") == "1"


@pytest.fixture
def traps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that exists once ssh was called or a command of a URL was run."""
    sprung = tmp_path / "sprung"
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\ntouch {sprung}\nexit 1\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    return sprung


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"url": "ext::sh -c 'touch {sprung}'"}, "its address is not a safe one"),
        ({"url": "-u./trap"}, "its address is not a safe one"),
        ({"url": "--upload-pack=touch {sprung}"}, "its address is not a safe one"),
        ({"url": "file://{secret}"}, "is a folder of one machine"),
        ({"url": "{secret}"}, "is a folder of one machine"),
        ({"url": "../../{name}/secret"}, "leads too far away"),
        ({"url": "../x/../../secret"}, "leads too far away"),
        ({"url": "ssh://git@127.0.0.1/lib"}, "another one than the origin's"),
        ({"url": "git@127.0.0.1:lib"}, "another one than the origin's"),
        ({"name": "../../../hooks", "url": "../lib"}, "its name in .gitmodules is not a safe"),
        ({"name": "-x", "url": "../lib"}, "its name in .gitmodules is not a safe"),
    ],
)
def test_a_hostile_entry_is_refused(
    entry: dict[str, str], reason: str, user: Repo, lib: Repo, tmp_path: Path, traps: Path
) -> None:
    lib.git("clone", "--quiet", "--bare", ".", str(tmp_path / "secret"))
    values = {"sprung": traps, "secret": tmp_path / "secret", "name": tmp_path.name}
    _declare(user, lib, **{key: value.format(**values) for key, value in entry.items()})
    agent, left = _start(_host(user.path.as_uri(), tmp_path))
    assert [each.path for each in left] == ["lib"]
    assert reason in left[0].reason
    assert list((agent.path / "lib").iterdir()) == []
    assert not traps.exists()


@pytest.mark.parametrize("path", ["../out", "/tmp", "lib/.git", ".git/modules", "-x", "", "."])
def test_a_path_out_of_the_worktree_is_none(
    path: str, user: Repo, lib: Repo, tmp_path: Path
) -> None:
    _declare(user, lib, url="../lib", path=path)
    agent, left = _start(_host(user.path.as_uri(), tmp_path))
    assert left == []
    assert list((agent.path / "lib").iterdir()) == []


def test_what_agents_declare_is_not_fetched_for_them(user: Repo, lib: Repo, tmp_path: Path) -> None:
    lib.git("clone", "--quiet", "--bare", ".", str(tmp_path / "secret"))
    host = _host(user.path.as_uri(), tmp_path)
    agent = host.worktree("two")
    for url, name in (("../secret", "lib"), ("../lib", "other")):
        _declare(agent, lib, url=url, name=name)
        tip = worktrees.save(agent.path, message="save").tip
        child, left = _start(host, name, commit=tip)
        assert left == [Empty("lib", "branch 'main' does not have it yet")]
        assert list((child.path / "lib").iterdir()) == []


@dataclass
class Server:
    """An HTTP server of repositories, and the logins that it was given."""

    url: str
    given: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, facts: Server, wants_login: bool, **kwargs: Any) -> None:
        self.facts, self.wants_login = facts, wants_login
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        self.facts.asked.append(self.path)
        given = self.headers.get("Authorization")
        self.facts.given += [given] if given else []
        if given or not self.wants_login:
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(folder: Path, *, wants_login: bool) -> Iterator[Server]:
    facts = Server("")
    handler = partial(_Handler, directory=str(folder), facts=facts, wants_login=wants_login)
    with serving(handler) as port:
        facts.url = f"http://127.0.0.1:{port}"
        yield facts


def _publish(repo: Repo, folder: Path) -> None:
    repo.git("clone", "--quiet", "--bare", ".", str(folder))
    Repo(folder).git("update-server-info")


@pytest.mark.parametrize("wants_login", [False, True], ids=["open", "closed"])
def test_the_login_is_for_the_origins_own_server_alone(
    wants_login: bool, user: Repo, lib: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a person keeps for all servers is not for those that agents could name, either.
    (tmp_path / "gitconfig").write_text(
        '[credential]\n\thelper = "!echo username=me; echo password=kept; true"\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    _publish(lib, tmp_path / "one" / "lib")
    pointers = {"own": lib.tip(), "others": lib.commit({"more.txt": "more\n"})}
    _publish(lib, tmp_path / "other" / "lib")
    with (
        _serving(tmp_path / "one", wants_login=True) as origin,
        _serving(tmp_path / "other", wants_login=wants_login) as other,
    ):
        user.commit({".gitmodules": ""})
        for name, url in (("own", "../lib"), ("others", f"{other.url}/lib")):
            user.git("config", "--file", ".gitmodules", f"submodule.{name}.path", name)
            user.git("config", "--file", ".gitmodules", f"submodule.{name}.url", url)
            user.git("update-index", "--add", "--cacheinfo", f"160000,{pointers[name]},{name}")
        user.git("add", ".gitmodules")
        user.git("commit", "--quiet", "-m", "pointers")
        _publish(user, tmp_path / "one" / "user")

        host = _host(f"{origin.url}/user", tmp_path, Login("me", "s3cret"))
        agent, left = _start(host)

        assert _is_there(agent, "own")
        assert "/lib/info/refs" in str(origin.asked)
        assert origin.given
        assert other.given == []
        assert [each.path for each in left] == (["others"] if wants_login else [])
        assert _is_there(agent, "others") is not wants_login
        for config in agent.path.parent.rglob("config"):
            assert "s3cret" not in config.read_text()


def test_a_server_that_is_away_is_named_and_not_asked_by_each_agent(
    user: Repo, lib: Repo, tmp_path: Path
) -> None:
    with _serving(tmp_path, wants_login=False) as away:
        _declare(user, lib, url=f"{away.url}/nowhere")
        host = _host(user.path.as_uri(), tmp_path)
        _, first = _start(host)
        asked = len(away.asked)
        _, second = _start(host, "two")
        assert first == second
        assert [each.path for each in first] == ["lib"]
        assert f"{away.url}/nowhere" in first[0].reason
        assert len(away.asked) == asked > 0
