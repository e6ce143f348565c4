"""Who logs in at an origin behind HTTP: as the URL says, told to the server and to nobody else."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import taken_apart
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import Repo

TOKEN = "t0ken-of-s0mebody"


@dataclass
class Door:
    """What the server lets in, and what it has seen."""

    open_to: str = "me:s3cret"
    port: int = 0
    given: set[str] = field(default_factory=set)
    processes: str = ""
    """The arguments of all processes while a request was answered."""

    @property
    def key(self) -> str:
        """What curl sends for a URL with this user and password."""
        return f"Basic {b64encode(self.open_to.encode()).decode()}"

    def url(self, login: str) -> str:
        return f"http://{login}@127.0.0.1:{self.port}/project.git"


class _Locked(SimpleHTTPRequestHandler):
    """Serves files to one user with one password."""

    def __init__(self, *args: Any, door: Door, **kwargs: Any) -> None:
        self.door = door
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        self.door.given |= {given} - {""}
        self.door.processes += str([p.info["cmdline"] for p in psutil.process_iter(["cmdline"])])
        if given == self.door.key:
            super().do_GET()
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def door(user: Repo, tmp_path: Path) -> Iterator[Door]:
    bare = tmp_path / "served" / "project.git"
    user.git("clone", "--quiet", "--bare", ".", str(bare))
    Repo(bare).git("update-server-info")
    made = Door()
    handler = partial(_Locked, directory=str(bare.parent), door=made)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def own_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: Door) -> Path:
    """Let the user have a helper that knows a password; returns the file that it keeps."""
    kept = tmp_path / "kept"
    kept.write_text(f"http://me:s3cret@127.0.0.1%3a{door.port}\n")
    config = tmp_path / "gitconfig"
    config.write_text(f"[credential]\n\thelper = store --file={kept}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    return kept


def _open(url: str, tmp_path: Path) -> Mirror:
    plain, login = taken_apart(url)
    return Mirror.open(plain, tmp_path / "mirrors", login)


def test_a_password_in_the_address_works_and_is_stored_nowhere(
    door: Door, user: Repo, tmp_path: Path
) -> None:
    mirror = _open(door.url("me:s3cret"), tmp_path)
    assert mirror.resolve("main") == user.tip()
    assert door.given == {door.key}
    assert "s3cret" not in door.processes
    for file in mirror.path.rglob("*"):
        assert not file.is_file() or b"s3cret" not in file.read_bytes()


def test_a_wrong_password_is_told_without_the_password(door: Door, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="credentials") as refused:
        _open(door.url("me:wr0ng"), tmp_path)
    assert "wr0ng" not in refused.value.message


def test_a_token_alone_is_sent_as_the_user_and_shown_to_nobody(
    door: Door, user: Repo, tmp_path: Path
) -> None:
    door.open_to = f"{TOKEN}:"
    mirror = _open(door.url(TOKEN), tmp_path)
    assert mirror.resolve("main") == user.tip()
    assert door.given == {door.key}
    assert "git" in door.processes
    assert TOKEN not in door.processes
    assert TOKEN not in mirror.source.shown + mirror.source.key
    for file in mirror.path.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


def test_a_token_that_is_refused_is_told_without_the_token(door: Door, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="credentials") as refused:
        _open(door.url(TOKEN), tmp_path)
    assert TOKEN not in refused.value.message


def test_a_user_alone_gets_the_password_that_the_users_own_helper_knows(
    door: Door, own_helper: Path, user: Repo, tmp_path: Path
) -> None:
    before = own_helper.read_text()
    assert _open(door.url("me"), tmp_path).resolve("main") == user.tip()
    assert door.given == {door.key}
    assert own_helper.read_text() == before


def test_the_users_own_helper_neither_answers_for_others_nor_learns_of_them(
    door: Door, own_helper: Path, user: Repo, tmp_path: Path
) -> None:
    before = own_helper.read_text()
    for login in ("other:pw", TOKEN):
        door.open_to = login if ":" in login else f"{login}:"
        door.given.clear()
        assert _open(door.url(login), tmp_path).resolve("main") == user.tip()
        assert door.given == {door.key}
    assert own_helper.read_text() == before


def test_one_repository_has_one_mirror_whoever_logs_in(door: Door, tmp_path: Path) -> None:
    first = _open(door.url("me:s3cret"), tmp_path)
    door.open_to = f"{TOKEN}:"
    assert _open(door.url(TOKEN), tmp_path).path == first.path
