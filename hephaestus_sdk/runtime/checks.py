"""Checks before a start. Each raises an error of one line or returns its finding. ``hephaestus
doctor`` makes the same checks.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings import secret_files
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.database_url import with_driver
from hephaestus_core.settings.installation import install_command
from hephaestus_sdk.runtime import account, ports, postgres, postgres_setup, valkey
from hephaestus_sdk.runtime.errors import (
    HomeUnusable,
    PortInUse,
    ProgramMissing,
    ServerUnreachable,
)
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.table import data_folder

if TYPE_CHECKING:
    import psycopg2.extensions

OLDEST_TMUX = (3, 0)
OLDEST_GIT = (2, 38)
OLDEST_POSTGRES = 15
OLDEST_REDIS = (6, 2)
#: Least free megabytes for a start: without room for its write-ahead log PostgreSQL stops.
LEAST_FREE_MB = 200
_CONNECT_SECONDS = 5
# A lease ends 30 s after its host's last heartbeat.
_CLOCKS_APART_SECONDS = 5

_PACKAGES = (
    "alembic",
    "anthropic",
    "celery",
    "flask",
    "flask_socketio",
    "gunicorn",
    "mcp",
    "psutil",
    "psycopg2",
    "redis",
    "sqlalchemy",
)


def before_start(settings: Settings, home: Home) -> None:
    """Raise the first obstacle to a start; only folders are made.

    Raises:
        ConfigurationError: the two ports are the same.
        StackError: the kind says what is wrong.
    """
    packages()
    program_version("git", OLDEST_GIT)
    program_version("tmux", OLDEST_TMUX)
    writable_home(home)
    free_disk(home.root)
    free_ports(settings)
    database(settings, home)
    message_broker(settings)


def packages() -> str:
    """Check that the server's packages are installed.

    Raises:
        ProgramMissing: the message names the missing ones.
    """
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise ProgramMissing(
            f"The local stack needs packages that are not installed ({', '.join(missing)}); "
            f"run: {install_command('server')}."
        )
    return f"{len(_PACKAGES)} packages of hephaestus[server]"


def program_version(name: str, oldest: tuple[int, int]) -> str:
    """Check that the program is there and new enough, and return its version.

    Raises:
        ProgramMissing: it is missing or too old.
    """
    wanted = ".".join(map(str, oldest))
    if shutil.which(name) is None:
        raise ProgramMissing(f"{name} is missing; install {name} {wanted} or newer: {_how(name)}.")
    argument = "-V" if name == "tmux" else "--version"
    said = subprocess.run(
        [name, argument], capture_output=True, text=True, check=False, timeout=20
    ).stdout.strip()
    found = re.search(r"(\d+)\.(\d+)", said)
    # A build from source may have no number; it counts as the newest.
    if found and (int(found[1]), int(found[2])) < oldest:
        raise ProgramMissing(f"{said} is too old; install {name} {wanted} or newer: {_how(name)}.")
    return said


def writable_home(home: Home) -> str:
    """Check that the home folder can be made and written.

    Raises:
        HomeUnusable: it cannot.
    """
    try:
        home.make()
        with tempfile.TemporaryFile(dir=home.run):
            pass
    except OSError as error:
        raise HomeUnusable(
            f"The home folder {home.root} cannot be used ({error.strerror}: {error.filename}); "
            "make it writable, or name another one by home=…"
        ) from error
    return str(home.root)


def secrets_are_kept(home: Home) -> str:
    """Check that others can neither read nor guess this stack's secrets.

    Raises:
        HomeUnusable: they can.
    """
    folder = home.secrets
    try:
        fault = secret_files.fault_of(folder)
    except OSError as error:
        fault = f"{folder} cannot be looked into ({error.strerror}); make it yours."
    if fault is not None:
        raise HomeUnusable(fault)
    return f"{folder} is closed to others"


def free_disk(folder: Path) -> str:
    """Check that the disk has room for the database.

    Raises:
        HomeUnusable: there is too little.
    """
    free = shutil.disk_usage(folder).free // 2**20
    if free < LEAST_FREE_MB:
        raise HomeUnusable(
            f"Only {free} MB are free on the disk of {folder}, {LEAST_FREE_MB} MB are needed; "
            "make room, or name another home by home=…"
        )
    return f"{free / 1024:.1f} GB free"


def free_ports(settings: Settings) -> str:
    """Check that the API and the UI can listen.

    Raises:
        ConfigurationError: both have the same port.
        PortInUse: names the port, its holder and the setting that changes it.
    """
    if settings.mcp_port == settings.ui_port:
        raise ConfigurationError(
            f"mcp_port and ui_port are both {settings.mcp_port}; give them different ports.",
            field="ui_port",
        )
    for name, port in (("mcp_port", settings.mcp_port), ("ui_port", settings.ui_port)):
        if reason := ports.fault(settings.mcp_host, port):
            raise PortInUse(
                f"{name}: {reason}; end that, or choose another port by {name}=…", field=name
            )
    return f"{settings.mcp_port} and {settings.ui_port} are free"


def database(settings: Settings, home: Home) -> str:
    """Check the database server at ``database_url``, or the needs of the embedded one.

    Raises:
        StackError: the kind says what is wrong.
    """
    if settings.database_url:
        return _database_at(settings.database_url)
    folder = data_folder(settings, home)
    postgres.program("postgres")
    postgres_setup.check(folder, marker=home.postgres_marker)
    account.for_data_folder(folder)
    return f"embedded PostgreSQL {postgres.MAJOR}, data in {folder}"


def message_broker(settings: Settings) -> str:
    """Check the server at ``redis_url``, or that the embedded one is installed.

    Raises:
        StackError: the kind says what is wrong.
    """
    if settings.redis_url:
        return _redis_at(settings.redis_url)
    valkey.program()
    return "embedded Valkey"


def clock(settings: Settings, *, now: Callable[[], float] = time.time) -> str:
    """Check that this machine and the database server agree on the time, for leases.

    Args:
        now: tells this machine's time, in seconds since 1970.

    Raises:
        ServerUnreachable: the server at ``database_url`` does not answer, or its clock differs.
    """
    if not settings.database_url:
        return "one machine, one clock"
    with _connected(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float")
        (theirs,) = cursor.fetchone() or (0.0,)
    apart = abs(theirs - now())
    if apart > _CLOCKS_APART_SECONDS:
        raise ServerUnreachable(
            f"This machine's clock and the database server's are {apart:.0f} s apart; leases end"
            " too early or too late. Set both by NTP."
        )
    return f"{apart:.1f} s apart from the database server's"


def without_password(url: str) -> str:
    """Return the URL without credentials."""
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{where}{parts.path}"


def _database_at(url: str) -> str:
    shown = without_password(url)
    with _connected(url) as connection:
        version: int = connection.server_version // 10_000
    if version < OLDEST_POSTGRES:
        raise ProgramMissing(
            f"The database at {shown} is PostgreSQL {version}; {OLDEST_POSTGRES} or newer is "
            "needed."
        )
    return f"PostgreSQL {version} at {shown}"


@contextmanager
def _connected(url: str) -> Iterator["psycopg2.extensions.connection"]:
    import psycopg2  # only installed with the server

    shown = without_password(url)
    if not with_driver(url).startswith("postgresql+psycopg2://"):
        raise ConfigurationError(
            f"database_url {shown} is no PostgreSQL URL; "
            "write postgresql://user:password@host:port/database.",
            field="database_url",
        )
    libpq = "postgresql://" + with_driver(url).partition("://")[2]
    try:
        connection = psycopg2.connect(libpq, connect_timeout=_CONNECT_SECONDS)
    except psycopg2.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise ServerUnreachable(
            f"The database at {shown} cannot be reached: {reason}. Start it, or correct "
            "database_url, or leave it unset for the embedded one."
        ) from error
    with closing(connection):
        yield connection


def _redis_at(url: str) -> str:
    import redis  # only in the server's installation

    shown = without_password(url)
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=_CONNECT_SECONDS)
        version = str(client.info("server")["redis_version"])
        client.close()
    except ValueError as error:
        raise ConfigurationError(
            f"redis_url {shown} is no Redis URL ({error}); write redis://:password@host:port/0.",
            field="redis_url",
        ) from error
    except (redis.RedisError, OSError) as error:
        raise ServerUnreachable(
            f"The Redis server at {shown} cannot be reached: {error}. Start it, or correct "
            "redis_url, or leave it unset for the embedded one."
        ) from error
    if tuple(map(int, version.split(".")[:2])) < OLDEST_REDIS:
        raise ProgramMissing(f"The server at {shown} is Redis {version}; 6.2 or newer is needed.")
    return f"Redis {version} at {shown}"


def _how(package: str) -> str:
    """Return the likely command that installs a program on this machine."""
    installers = (
        ("apt-get", "apt-get install {}"),
        ("dnf", "dnf install {}"),
        ("pacman", "pacman -S {}"),
        ("zypper", "zypper install {}"),
        ("apk", "apk add {}"),
        ("brew", "brew install {}"),
    )
    command = next((c for program, c in installers if shutil.which(program)), "brew install {}")
    root = "" if os.geteuid() == 0 or "brew" in command else "sudo "
    return f"'{root}{command.format(package)}'"
