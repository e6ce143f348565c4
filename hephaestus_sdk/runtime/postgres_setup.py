"""Makes a PostgreSQL data folder and writes the server's configuration."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from hephaestus_sdk.runtime import account, private_files
from hephaestus_sdk.runtime.errors import DataVersion, HomeUnusable, StackError
from hephaestus_sdk.runtime.home import locked
from hephaestus_sdk.runtime.postgres import DATABASE, MAJOR, ROLE, PostgresServer, program

_CONFIGURATION = """\
# Written anew at each start. Put settings of your own into local.conf beside this file.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
password_encryption = scram-sha-256

# Small while idle: no helper processes that one machine's stack has no use for.
shared_buffers = 32MB
huge_pages = off
io_method = sync
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_logical_replication_workers = 0
autovacuum_max_workers = 2
jit = off

# A short log of changes: nobody replicates from here.
wal_level = minimal
max_wal_senders = 0
min_wal_size = 32MB
max_wal_size = 256MB

# What was committed is never lost.
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}

logging_collector = off
log_destination = stderr
log_checkpoints = off
log_line_prefix = '%m [%p] '
log_timezone = UTC
timezone = UTC
include_if_exists = 'local.conf'
"""

_ACCESS = f"""\
# Written anew at each start: this machine only, and only with the password.
host all {ROLE} 127.0.0.1/32 scram-sha-256
"""

#: The password has 256 random bits; more iterations would only slow connections down.
_SCRAM_ITERATIONS = 64


def prepare(server: PostgresServer, password: str, *, marker: Path) -> None:
    """Make the data folder ready for ``server`` to start; a folder in use keeps its data.

    Args:
        server: the server of the folder.
        password: of the role; letters, digits, '-' and '_' only.
        marker: file that exists while the folder is incomplete.

    Raises:
        DataVersion: the folder belongs to another major version.
        HomeUnusable: the folder cannot be used, or another stack uses it.
    """
    check(server.data_dir, marker=marker)
    _make_folder(server.data_dir)
    with locked(server.data_dir) as alone:
        if not alone:
            raise in_use(server.data_dir)
        fresh = not (server.data_dir / "PG_VERSION").exists() or marker.exists()
        if fresh:
            _initialise(server, marker)
        _configure(server)
        _set_password(server, password, *([f"CREATE DATABASE {DATABASE};"] if fresh else []))
        marker.unlink(missing_ok=True)


def in_use(data_dir: Path) -> HomeUnusable:
    """Return the error for a folder that another stack has locked."""
    return HomeUnusable(
        f"Another stack uses the database in {data_dir}; stop that one, or set database_path "
        "to another folder."
    )


def check(data_dir: Path, *, marker: Path) -> None:
    """Raise if the folder holds other files, or data of another version; changes nothing.

    Raises:
        DataVersion: the folder belongs to another major version.
        HomeUnusable: the folder holds something that is no database.
    """
    if not data_dir.exists():
        return
    if not data_dir.is_dir():
        raise HomeUnusable(f"database_path {data_dir} is not a folder; choose another path.")
    version_file = data_dir / "PG_VERSION"
    if not version_file.exists():
        if any(data_dir.iterdir()) and not marker.exists():
            raise HomeUnusable(
                f"database_path {data_dir} is not empty and holds no database; "
                "choose an empty or a new folder."
            )
        return
    if (version := version_file.read_text().strip()) != str(MAJOR):
        raise DataVersion(
            f"{data_dir} was written by PostgreSQL {version}, this is PostgreSQL {MAJOR}; "
            "set database_path to another folder, or bring the data over with pg_dump."
        )


def _make_folder(data_dir: Path) -> None:
    try:
        private_files.make_folder(data_dir)
        owner = account.for_data_folder(data_dir)
        if owner is not None:
            os.chown(data_dir, owner.uid, owner.gid)
        data_dir.chmod(private_files.PRIVATE_FOLDER)
    except OSError as error:
        raise HomeUnusable(
            f"The database folder {data_dir} cannot be made ({error.strerror}); "
            "make it writable or set database_path."
        ) from error


def _initialise(server: PostgresServer, marker: Path) -> None:
    private_files.write(marker, f"{server.data_dir}\n")
    # The marker shows an interrupted initdb, whose files hold no data.
    for entry in server.data_dir.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    options = [f"--username={ROLE}", "--auth=reject", "--encoding=UTF8", "--no-instructions"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    if not server.durable:
        options += ["--no-sync", "--wal-segsize=1"]
    _run(server, [str(program("initdb")), "-D", str(server.data_dir), *options])


def _set_password(server: PostgresServer, password: str, *statements: str) -> None:
    """Set the role's password, unless the file with its hash shows that it is set.

    Further statements run with it.
    """
    kept = server.data_dir / "hephaestus.password.sha256"
    # One iteration: the password has 256 random bits.
    digest = hashlib.sha256(password.encode()).hexdigest()
    if kept.exists() and kept.read_text().strip() == digest:
        return
    _single_user(server, f"ALTER ROLE {ROLE} PASSWORD '{_plain(password)}';", *statements)
    private_files.write(kept, digest + "\n", owner=_owner(server))


def _owner(server: PostgresServer) -> tuple[int, int]:
    status = server.data_dir.stat()
    return status.st_uid, status.st_gid


def _configure(server: PostgresServer) -> None:
    owner = _owner(server)
    text = _CONFIGURATION.format(port=server.port, durable="on" if server.durable else "off")
    private_files.write(server.data_dir / "postgresql.conf", text, owner=owner)
    private_files.write(server.data_dir / "pg_hba.conf", _ACCESS, owner=owner)


def _single_user(server: PostgresServer, *statements: str) -> None:
    """Run the statements, one a line, without a server."""
    argv = [str(program("postgres")), "--single", "-D", str(server.data_dir)]
    argv += ["-c", f"scram_iterations={_SCRAM_ITERATIONS}", "-c", "log_statement=none", "postgres"]
    _run(server, argv, "".join(f"{statement}\n" for statement in statements))


def _run(server: PostgresServer, argv: list[str], text: str = "") -> None:
    owner = account.for_data_folder(server.data_dir)
    done = subprocess.run(
        account.command(owner, argv, server.data_dir),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=120,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
    )
    # The single-user server exits with 0 even after a failed statement.
    if done.returncode != 0 or "ERROR:" in done.stderr:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise StackError(
            f"{Path(argv[0]).name} could not prepare {server.data_dir}: "
            f"{reason[-1] if reason else 'no output'}; check the disk and who may write there."
        )


def _plain(password: str) -> str:
    """Return the password if it needs no escaping."""
    if not re.fullmatch(r"[0-9A-Za-z_-]+", password):
        raise HomeUnusable(
            "secrets/postgres.password may hold letters, digits, '-' and '_' only; "
            "remove the file to have a new password made."
        )
    return password
