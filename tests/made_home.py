"""Homes whose database is made already: to copy one costs a fraction of making it."""

import atexit
import functools
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from hephaestus_core.db.migrate import upgrade
from hephaestus_sdk.runtime import ports, postgres, postgres_setup, private_files
from hephaestus_sdk.runtime.home import Home
from tests.servers import running, wait_ready

#: What was committed outlives a killed server, but no power failure.
_HASTY = "fsync = off\n"


def copy_made_home(home: Path) -> None:
    """Make a home in which no stack has run yet; its database has the newest schema and no rows.

    Args:
        home: the folder, which is not there yet.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", _made_home(), home], check=True)


@functools.cache
def _made_home() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hephaestus-made-"))
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)  # the database's account goes through it
    home = Home(folder / "home")
    home.make()
    server = postgres.PostgresServer(home.postgres, ports.choose(), durable=False)
    password = private_files.ensure_secret(home.secret("postgres.password"))
    postgres_setup.prepare(server, password, marker=home.postgres_marker)
    with running(server.argv(), folder / "postgres.log", signal.SIGINT) as process:
        wait_ready(process, server.is_ready, folder / "postgres.log")
        upgrade(server.url(password))
    owner = home.postgres.stat()
    private_files.write(home.postgres / "local.conf", _HASTY, owner=(owner.st_uid, owner.st_gid))
    return home.root
