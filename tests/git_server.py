"""A git server behind HTTP with basic authentication: the real `git http-backend`, on loopback."""

import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.loopback_server import serving


@dataclass
class GitServer:
    """Serves the bare repositories in a folder, each to the logins in ``let_in``."""

    folder: Path
    port: int = 0
    let_in: dict[str, str] = field(default_factory=dict)
    """``user:password`` by the name of a repository."""

    def add(self, name: str, source: Path, login: str) -> None:
        """Serve a copy of a repository to one login."""
        bare = self.folder / name
        subprocess.run(["git", "clone", "--quiet", "--bare", str(source), str(bare)], check=True)
        subprocess.run(["git", "-C", str(bare), "config", "http.receivepack", "true"], check=True)
        self.let_in[name] = login

    def url(self, name: str, login: str = "") -> str:
        """Return the URL of a repository, with a login if one is given."""
        return f"http://{login}{'@' if login else ''}127.0.0.1:{self.port}/{name}"


@contextmanager
def git_server(folder: Path) -> Iterator[GitServer]:
    """Run a server until the end of the block."""
    folder.mkdir(parents=True)
    served = GitServer(folder)
    handler = partial(_Backend, served=served)
    with serving(handler) as served.port:
        yield served


class _Backend(BaseHTTPRequestHandler):
    def __init__(self, *args: Any, served: GitServer, **kwargs: Any) -> None:
        self.served = served
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """Answer by the CGI program of git, or refuse."""
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        given = b64decode(key).decode() if scheme == "Basic" else None
        if given != self.served.let_in.get(path.split("/")[1]):
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
            return
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GIT_PROJECT_ROOT": str(self.served.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "somebody",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._answer(int(headers.pop("Status", "200").split()[0]), headers, content)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
