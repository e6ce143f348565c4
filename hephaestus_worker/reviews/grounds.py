"""The place of checks on a host: folder, containment, environment."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_core.contract.home import HomeLayout
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.spreading import spread_subfolders
from hephaestus_worker.terminal.enclosures import Enclosure
from hephaestus_worker.terminal.environment import agent_environment

_SECRET: Final = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
#: Test runners that watch for changes by default run once in CI. git of a check leaves the index
#: as it is, so that the tree need not be made anew after it.
_FIXED: Final = {"CI": "true", "GIT_OPTIONAL_LOCKS": "0"}


@dataclass(frozen=True)
class Ground:
    """Where and how the commands of checks run on this host.

    Args:
        folder: for the trees of running checks.
        base_runs: keeps the outcomes of tests without the work under check.
        enclosure: that of agents.
        environment: all variables of a command.
        readable: what commands in a sandbox may read beside their tree.
        writable: what they may also change.
        hidden: folders of which they see only what is named.
        setup_seconds: most seconds for the set-up of one tree.
    """

    folder: Path
    base_runs: Path
    enclosure: Enclosure
    environment: Mapping[str, str]
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()
    setup_seconds: float = 600.0


def ground_of(machine: Machine) -> Ground:
    """Return the ground of this host; its folder is made if it is missing."""
    settings = machine.settings
    folder = HomeLayout(settings.home).checks
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    spread_subfolders(folder)
    return Ground(
        folder,
        HomeLayout(settings.home).base_runs,
        machine.enclosure,
        check_environment(settings.agent_environment),
        settings.agent_readable,
        settings.agent_writable,
        (settings.home, machine.folders.worktrees),
        setup_seconds=settings.setup_minutes * 60,
    )


def check_environment(
    names: Iterable[str], source: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of agents without keys and tokens, which no test needs.

    Args:
        names: the variables that agents inherit beside the common ones.
        source: default: the variables of this process.
    """
    kept = (name for name in names if not _SECRET.search(name))
    return {**agent_environment(kept, source), **_FIXED}
