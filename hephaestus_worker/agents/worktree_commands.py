"""Commands that the host runs in an agent's worktree: contained as the agent is, in its name."""

from pathlib import Path
from threading import Event
from typing import Final
from uuid import UUID

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.agents.launch_files import OWN
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees.place import private_of
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.own_homes import keep_home
from hephaestus_worker.terminal import commands
from hephaestus_worker.terminal.commands import Ended
from hephaestus_worker.terminal.environment import agent_environment
from hephaestus_worker.terminal.private_files import private_folder
from hephaestus_worker.terminal.process_tree import end_tree
from hephaestus_worker.terminal.sandbox import Reach
from hephaestus_worker.terminal.toolchains import tools

#: Bytes of a command's output that are kept: the last ones.
_OUTPUT_BYTES: Final = 262_144


def access(machine: Machine, mirror: Mirror, worktree: Path) -> dict[str, tuple[Path, ...]]:
    """Return what an agent of this worktree may read and change beside the worktree."""
    settings, folders = machine.settings, machine.folders
    stores = (mirror.large_files,) if mirror.large_files else ()
    return {
        "readable": (mirror.path / "objects", *settings.agent_readable),
        "writable": (private_of(worktree), *stores, *settings.agent_writable),
        "hidden": (settings.home, folders.worktrees, folders.mirrors, folders.agents),
    }


def folder_in(worktree: Path, working_directory: str) -> Path:
    """Return the folder that a program starts in; it is always inside the worktree.

    Raises:
        RepositoryError: the folder is missing, or a symbolic link leads out of the worktree.
    """
    folder = (worktree / working_directory).resolve()
    if not folder.is_relative_to(worktree.resolve()) or not folder.is_dir():
        raise RepositoryError(
            f"The working directory {working_directory!r} is no folder of the repository; "
            "create it there, or name another one in the phase."
        )
    return folder


def reach_of(machine: Machine, agent_id: UUID, mirror: Mirror, worktree: Path) -> Reach:
    """Return what a command in the root of this worktree reaches: what the agent itself does.

    It does not see the agent's folder, which has the token.
    """
    environment = agent_environment(machine.settings.agent_environment)
    home = Path(environment.get("HOME") or Path.home())
    allowed = access(machine, mirror, worktree)
    return Reach(
        own=machine.folders.agent(agent_id) / OWN,
        home=home,
        working_directory=worktree,
        readable=(*tools("sh", environment.get("PATH", ""), home), *allowed["readable"]),
        writable=(worktree, *allowed["writable"]),
        hidden=allowed["hidden"],
    )


def run(
    machine: Machine, agent_id: UUID, command: str, *, reach: Reach, seconds: float, stop: Event
) -> Ended:
    """Run a command with the agent's environment, but without its token.

    Whoever ends the agent's processes ends those of the command. Raises as
    :func:`hephaestus_worker.terminal.commands.run`.
    """
    # What a worker has left that was killed while it ran the same.
    end_tree(str(agent_id), grace=0.0)
    if machine.enclosure.holds_files:
        private_folder(reach.own.parent)
        keep_home(reach)
    return commands.run(
        command,
        mark=str(agent_id),
        enclosure=machine.enclosure,
        reach=reach,
        environment=agent_environment(machine.settings.agent_environment),
        timeout=seconds,
        stop=stop,
        most=_OUTPUT_BYTES,
    )
