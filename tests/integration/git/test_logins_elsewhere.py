"""The login of an origin is told to the origin's server and to no other, wherever git is led."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import taken_apart
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins import pushing
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.origins.origin import address
from tests.integration.git.making import Repo
from tests.loopback_server import serving


@dataclass
class Server:
    """An HTTP server that wants a login, and what it has been sent."""

    port: int = 0
    leads_to: "Server | None" = None
    asked: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    """The `Authorization` of each request that had one."""

    def url(self, login: str = "", path: str = "project.git") -> str:
        return f"http://{login and f'{login}@'}127.0.0.1:{self.port}/{path}"


class _Recorder(SimpleHTTPRequestHandler):
    """Records each request; serves files to whoever gives any login."""

    def __init__(self, *args: Any, server_facts: Server, **kwargs: Any) -> None:
        self.facts = server_facts
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        self._record()
        if self.facts.leads_to is not None:
            self._answer(302, Location=self.facts.leads_to.url(path=self.path[1:]))
        elif self.headers.get("Authorization") is None:
            self._demand()
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self._record()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._demand()

    def _record(self) -> None:
        self.facts.asked.append(self.path)
        if given := self.headers.get("Authorization"):
            self.facts.given.append(given)

    def _demand(self) -> None:
        self._answer(401, **{"WWW-Authenticate": 'Basic realm="git"'})

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(folder: Path) -> Iterator[Server]:
    facts = Server()
    handler = partial(_Recorder, directory=str(folder), server_facts=facts)
    with serving(handler) as facts.port:
        yield facts


@pytest.fixture
def served(user: Repo, tmp_path: Path) -> Path:
    bare = tmp_path / "served" / "project.git"
    user.git("clone", "--quiet", "--bare", ".", str(bare))
    Repo(bare).git("update-server-info")
    return bare.parent


@pytest.fixture
def origin(served: Path) -> Iterator[Server]:
    with _serving(served) as server:
        yield server


@pytest.fixture
def elsewhere(served: Path) -> Iterator[Server]:
    """Another server: the same machine's, on another port."""
    with _serving(served) as server:
        yield server


def _open(origin: Server, login: str, tmp_path: Path) -> Mirror:
    url, taken = taken_apart(origin.url(login))
    return Mirror.open(url, tmp_path / "mirrors", taken)


LOGINS = pytest.mark.parametrize("login", ["me:s3cret", "t0ken"])


@LOGINS
def test_a_redirect_gets_nothing(
    login: str, origin: Server, elsewhere: Server, tmp_path: Path
) -> None:
    origin.leads_to = elsewhere
    with pytest.raises(RepositoryError, match="give this host's user credentials"):
        _open(origin, login, tmp_path)
    assert elsewhere.asked, "git has followed it"
    assert elsewhere.given == []


@LOGINS
def test_a_rewritten_address_gets_nothing(
    login: str, origin: Server, elsewhere: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "gitconfig"
    config.write_text(f'[url "{elsewhere.url(path="")}"]\n\tinsteadOf = {origin.url(path="")}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    with pytest.raises(RepositoryError, match="give this host's user credentials"):
        _open(origin, login, tmp_path)
    assert elsewhere.asked
    assert elsewhere.given == []


@LOGINS
def test_a_submodule_elsewhere_gets_nothing(
    login: str, origin: Server, elsewhere: Server, tmp_path: Path
) -> None:
    """Its clone inherits the options of the command that asks for it."""
    mirror = _open(origin, login, tmp_path)
    assert origin.given
    work = Repo.make(tmp_path / "work")
    tip = mirror.resolve("main")
    (work.path / ".gitmodules").write_text(
        f'[submodule "sub"]\n\tpath = sub\n\turl = {elsewhere.url()}\n'
    )
    work.git("add", ".gitmodules")
    work.git("update-index", "--add", "--cacheinfo", f"160000,{tip},sub")
    work.git("commit", "--quiet", "-m", "with a submodule")
    place = address(*taken_apart(origin.url(login)))
    cloned = git.run(
        *place.options,
        *("clone", "--quiet", "--recurse-submodules", str(work.path), str(tmp_path / "cloned")),
        doing="clone with submodules",
        env=place.env,
        allowed=(0, 1, 128),
    )
    assert cloned.status
    assert elsewhere.asked, cloned.stderr
    assert elsewhere.given == []


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
@LOGINS
def test_a_server_of_large_files_elsewhere_gets_nothing(
    login: str, origin: Server, elsewhere: Server, tmp_path: Path
) -> None:
    """The repository itself names that server, so whoever writes to it may choose it."""
    mirror = _open(origin, login, tmp_path)
    work = Repo.make(tmp_path / "work")
    lfs = elsewhere.url(path="lfs")
    work.commit({".lfsconfig": f"[lfs]\n\turl = {lfs}\n", ".gitattributes": "*.bin filter=lfs\n"})
    work.git("lfs", "install", "--local")
    tip = work.commit({"big.bin": "large\n"})
    Repo(mirror.path).git("fetch", "--quiet", str(work.path), tip)
    shutil.copytree(work.path / ".git" / "lfs", mirror.path / "lfs", dirs_exist_ok=True)
    Repo(mirror.path).git("config", "lfs.url", lfs)
    with pytest.raises(RepositoryError):
        pushing.push(address(*taken_apart(origin.url(login))), mirror.path, tip, "x", expected=None)
    assert any("/lfs/" in path for path in elsewhere.asked), json.dumps(elsewhere.asked)
    assert elsewhere.given == []
