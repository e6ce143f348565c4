"""Where everything stands in the home folder of a stack or a host: paths only, no look at them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

#: In the folder of an agent: what its terminal has shown.
PANE_LOG: Final = "pane.log"

_SESSION_PREFIX: Final = "agent-"


@dataclass(frozen=True)
class HomeLayout:
    """Paths below one home folder."""

    root: Path

    # The stack

    @property
    def run(self) -> Path:
        """What belongs to one run of the stack."""
        return self.root / "run"

    @property
    def stack_file(self) -> Path:
        """What runs now; written by the supervisor alone."""
        return self.run / "stack.json"

    @property
    def stop_fault_file(self) -> Path:
        """Says in one line what the last stop could not end."""
        return self.run / "stop-fault"

    @property
    def launch_file(self) -> Path:
        """What the supervisor is to run."""
        return self.run / "launch.json"

    @property
    def config_file(self) -> Path:
        """The settings that the stack was started with."""
        return self.run / "config.yaml"

    @property
    def ports_file(self) -> Path:
        """Ports of the embedded servers, kept from start to start."""
        return self.run / "ports.json"

    @property
    def postgres_marker(self) -> Path:
        """Stands while the database folder is being made."""
        return self.run / "postgres.making"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.run / "supervisor.lock"

    @property
    def start_lock(self) -> Path:
        """Held by whoever starts the stack."""
        return self.run / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by all programs that use the stack."""
        return self.run / "users.lock"

    @property
    def stays_file(self) -> Path:
        """Stands while the stack is to run on without users."""
        return self.run / "stays"

    @property
    def beat_schedule(self) -> Path:
        """When beat has sent what."""
        return self.run / "beat-schedule"

    def ready_file(self, process: str) -> Path:
        """Return the file of a process that is ready and has no other way to say so."""
        return self.run / f"{process}.ready"

    @property
    def postgres(self) -> Path:
        """Data of the embedded database."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Data and configuration of the embedded broker."""
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        """One folder for each start."""
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        """Closed to other accounts."""
        return self.root / "secrets"

    def secret(self, name: str) -> Path:
        """Return the file of one secret."""
        return self.secrets / name

    @property
    def admin_token(self) -> Path:
        """The administrator's token."""
        return self.secret("admin.token")

    # The host

    @property
    def host(self) -> Path:
        """What the worker of this host keeps."""
        return self.root / "host"

    @property
    def host_name_file(self) -> Path:
        """The name by which this host is known, whatever its machine is called."""
        return self.host / "name"

    @property
    def mirrors(self) -> Path:
        """Bare mirrors of repositories."""
        return self.host / "mirrors"

    @property
    def left_out(self) -> Path:
        """A folder for each ended agent with files that were too much to be committed."""
        return self.host / "left-out"

    @property
    def worktrees(self) -> Path:
        """Worktrees of agents, by the agent's id, unless ``worktree_base`` names another place."""
        return self.host / "worktrees"

    @property
    def agents(self) -> Path:
        """A folder for each agent, by its id."""
        return self.host / "agents"

    def pane_log(self, agent_id: UUID) -> Path:
        """Return what the terminal of an agent has shown."""
        return self.agents / str(agent_id) / PANE_LOG

    @property
    def tmux_socket(self) -> str:
        """The name of the home's private tmux server; two homes never share one."""
        return f"hephaestus-{hashlib.sha256(str(self.root).encode()).hexdigest()[:8]}"


def session_name(agent_id: UUID | str) -> str:
    """Return the name of an agent's tmux session."""
    return f"{_SESSION_PREFIX}{agent_id}"


def agent_of_session(name: str) -> str | None:
    """Return the id of the agent whose tmux session has this name; None: it is no agent's."""
    return name.removeprefix(_SESSION_PREFIX) if name.startswith(_SESSION_PREFIX) else None
