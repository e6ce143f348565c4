"""A local stack of small real processes, run by the same code as the big one."""

import sys
from collections.abc import Sequence
from pathlib import Path

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.processes import ProcessSpec
from hephaestus_sdk.runtime.table import Servers

_WEB = str(Path(__file__).with_name("little_web.py"))

#: Says that it is ready, then works until it is told to stop, with a child in its group.
_WORKER = 'sleep 1000 & echo working; umask > "$0"; wait'


def programs(settings: Settings, home: Home, servers: Servers) -> Sequence[ProcessSpec]:
    """Return processes with the names, the order and the kinds of those of Hephaestus."""
    environment = {
        "HEPHAESTUS_HOME": str(home.root),
        "HEPHAESTUS_DATABASE_URL": servers.database_url,
        "HEPHAESTUS_REDIS_URL": servers.redis_url,
    }
    ports = (str(settings.mcp_port), str(settings.ui_port))
    order = home.root / "order"

    def shell(name: str, script: str, *arguments: str) -> tuple[str, ...]:
        trap = f"trap 'echo {name} >> {order}; exit 0' TERM; "
        return ("/bin/sh", "-c", trap + script, *arguments)

    return (
        ProcessSpec(name="migrate", stage=2, argv=("/bin/echo", "migrated"), runs="at_start"),
        ProcessSpec(
            name="web",
            stage=3,
            argv=(sys.executable, _WEB, *ports),
            environment=environment,
            ready=("http", f"{settings.api_url}/api/v1/ready"),
            alive=("http", f"{settings.api_url}/api/v1/ready"),
            alive_seconds=0.5,
        ),
        ProcessSpec(
            name="agents",
            stage=3,
            argv=("/bin/sh", "-c", f"echo agents >> {order}"),
            runs="at_stop",
        ),
        *(
            ProcessSpec(
                name=name,
                stage=3,
                argv=shell(name, _WORKER, str(home.ready_file(name))),
                environment=environment,
                ready=("file", str(home.ready_file(name))),
                alive=("fresh", str(home.ready_file(name)), "1000"),
                alive_seconds=0.5,
                private=name == "beat",
            )
            for name in ("worker", "beat")
        ),
    )
