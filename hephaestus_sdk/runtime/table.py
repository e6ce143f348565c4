"""The table of a local stack's processes, and their environment."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml

import hephaestus_sdk
from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import ports, postgres_setup, private_files
from hephaestus_sdk.runtime.home import Home, read_json
from hephaestus_sdk.runtime.postgres import PostgresServer
from hephaestus_sdk.runtime.processes import ProcessSpec
from hephaestus_sdk.runtime.valkey import ValkeyServer

_SERVERS, _SCHEMA, _PROGRAMS = 1, 2, 3
#: Nothing goes on without Postgres, and everything slower without Valkey.
_SERVER_ALIVE_SECONDS = 3.0


@dataclass(frozen=True)
class Servers:
    """The two servers, embedded or given by URL."""

    database_url: str
    redis_url: str
    processes: tuple[ProcessSpec, ...]
    data_dir: Path | None
    """Folder of the embedded database."""


def prepare_servers(settings: Settings, home: Home) -> Servers:
    """Make folders, passwords and configurations of the embedded servers.

    Raises:
        StackError: they cannot be made or used.
    """
    chosen = read_json(home.ports_file)
    specs: list[ProcessSpec] = []
    database_url, redis_url, data_dir = settings.database_url, settings.redis_url, None
    if database_url is None:
        chosen["postgres"] = ports.choose(chosen.get("postgres"))
        data_dir = data_folder(settings, home)
        database_url, spec = _postgres(PostgresServer(data_dir, chosen["postgres"]), home)
        specs.append(spec)
    if redis_url is None:
        chosen["valkey"] = ports.choose(chosen.get("valkey"), taken=[chosen.get("postgres", 0)])
        redis_url, spec = _valkey(ValkeyServer(home.valkey, chosen["valkey"]), home)
        specs.append(spec)
    # Kept, so that the URLs do not change between starts.
    private_files.write(home.ports_file, json.dumps(chosen))
    return Servers(database_url, redis_url, tuple(specs), data_dir)


def data_folder(settings: Settings, home: Home) -> Path:
    """Return the folder of the embedded database."""
    return settings.database_path or home.postgres


def programs(settings: Settings, home: Home, servers: Servers) -> tuple[ProcessSpec, ...]:
    """Return our own processes, in the order of their start."""
    environment = {
        "HEPHAESTUS_HOME": str(home.root),
        "HEPHAESTUS_CONFIG": str(home.config_file),
        "HEPHAESTUS_DATABASE_URL": servers.database_url,
        "HEPHAESTUS_REDIS_URL": servers.redis_url,
        "PYTHONUNBUFFERED": "1",
        # One malloc arena per thread wastes memory in processes that mostly wait.
        "MALLOC_ARENA_MAX": "2",
    }

    def spec(name: str, stage: int, *arguments: str, **more: Any) -> ProcessSpec:
        argv = (sys.executable, "-P", "-m", *arguments)
        return ProcessSpec(name=name, stage=stage, argv=argv, environment=environment, **more)

    web = ("gunicorn", "-c", "python:hephaestus_web.gunicorn_conf", "hephaestus_web.wsgi:app")
    return (
        spec("migrate", _SCHEMA, "hephaestus_core.db.migrate", runs="at_start"),
        spec(
            "web",
            _PROGRAMS,
            *web,
            ready=("http", f"{settings.api_url}/api/v1/ready"),
            alive=("http", f"{settings.api_url}/api/v1/health"),
        ),
        # In reverse order: after the workers, so that no agent is started any more.
        spec(
            "agents",
            _PROGRAMS,
            "hephaestus_worker.shutdown",
            runs="at_stop",
            # The agents' processes end in the first seconds. Then their work is saved, for at most
            # hephaestus_worker.shutdown.SAVING_SECONDS.
            stop_seconds=150.0,
            hurried=("--now",),
            hurried_seconds=45.0,
        ),
        spec(
            "worker",
            _PROGRAMS,
            "hephaestus_worker",
            ready=("file", str(home.ready_file("worker"))),
            alive=("fresh", str(home.ready_file("worker")), "60"),
            # Files of agents belong to people, so the usual umask applies.
            private=False,
            stop_seconds=15.0,
        ),
        spec(
            "beat",
            _PROGRAMS,
            "hephaestus_worker.beat",
            ready=("file", str(home.ready_file("beat"))),
            # It does nothing but wait while the broker is down.
            alive=("fresh", str(home.ready_file("beat")), "120"),
            stop_seconds=5.0,
        ),
    )


def inherited_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of our processes, without settings: those are in the written file."""
    kept = {k: v for k, v in environ.items() if not k.startswith("HEPHAESTUS_")}
    source = Path(hephaestus_sdk.__file__).resolve().parents[1]
    if "site-packages" not in source.parts:  # run from a checkout that is not installed
        known = [p for p in kept.get("PYTHONPATH", "").split(os.pathsep) if p]
        kept["PYTHONPATH"] = os.pathsep.join(str(Path(p).resolve()) for p in (str(source), *known))
    return kept


def as_yaml(settings: Settings) -> str:
    """Return all settings that have a value, as a configuration file."""
    values = {f.name: _plain(getattr(settings, f.name)) for f in fields(Settings)}
    return yaml.safe_dump({k: v for k, v in values.items() if v is not None})


def with_absolute_paths(settings: Settings) -> Settings:
    """Return the settings with absolute paths."""

    def absolute(place: str | None) -> str | None:
        is_here = place is not None and "://" not in place and Path(place).expanduser().exists()
        return str(Path(place).expanduser().resolve()) if is_here and place else place

    return replace(
        settings,
        main_repo_path=absolute(settings.main_repo_path),
        project_root=absolute(settings.project_root),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _postgres(server: PostgresServer, home: Home) -> tuple[str, ProcessSpec]:
    password = private_files.ensure_secret(home.secret("postgres.password"))
    postgres_setup.prepare(server, password, marker=home.postgres_marker)
    return server.url(password), ProcessSpec(
        name="postgres",
        argv=tuple(server.argv()),
        stage=_SERVERS,
        ready=("postgres", str(server.data_dir), str(server.port)),
        alive=("postgres_answers", str(server.port)),
        alive_seconds=_SERVER_ALIVE_SECONDS,
        hang_signal=signal.SIGQUIT,  # end at once; what was committed is recovered at the start
        inherits=False,
        stop_signal=signal.SIGINT,  # roll back what is open, write a checkpoint, end
        stop_seconds=30.0,
        # an orderly end is quicker than recovery
        hurried_seconds=30.0,
    )


def _valkey(server: ValkeyServer, home: Home) -> tuple[str, ProcessSpec]:
    secret = home.secret("valkey.password")
    password = private_files.ensure_secret(secret)
    server.prepare(password)
    return server.url(password), ProcessSpec(
        name="valkey",
        argv=tuple(server.argv()),
        stage=_SERVERS,
        ready=("valkey", str(server.port), str(secret)),
        alive=("valkey", str(server.port), str(secret)),
        alive_seconds=_SERVER_ALIVE_SECONDS,
        inherits=False,
        hurried_seconds=10.0,
    )
