"""The paths in the home folder of a stack or a host. Nothing here reads the file system."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

#: The file in an agent's folder with the output of its terminal.
PANE_LOG: Final = "pane.log"

_SESSION_PREFIX: Final = "agent-"


@dataclass(frozen=True)
class HomeLayout:
    """Paths below one home folder."""

    root: Path

    # The stack

    @property
    def run(self) -> Path:
        """The folder for the files of one run of the stack."""
        return self.root / "run"

    @property
    def stack_file(self) -> Path:
        """The state of the running stack; only the supervisor writes it."""
        return self.run / "stack.json"

    @property
    def sample_project(self) -> Path:
        """The repository of the sample run; made by the web process."""
        return self.root / "sample-project"

    @property
    def stop_fault_file(self) -> Path:
        """One line about the processes that the last stop could not end."""
        return self.run / "stop-fault"

    @property
    def launch_file(self) -> Path:
        """The supervisor's instructions."""
        return self.run / "launch.json"

    @property
    def config_file(self) -> Path:
        """The settings at the start of the stack."""
        return self.run / "config.yaml"

    @property
    def ports_file(self) -> Path:
        """The ports of the embedded servers, the same for every start."""
        return self.run / "ports.json"

    @property
    def postgres_marker(self) -> Path:
        """A mark that exists while the database folder is being made."""
        return self.run / "postgres.making"

    @property
    def supervisor_lock(self) -> Path:
        """The lock that the supervisor holds while it runs."""
        return self.run / "supervisor.lock"

    @property
    def start_lock(self) -> Path:
        """The lock of the process that starts the stack."""
        return self.run / "start.lock"

    @property
    def users_lock(self) -> Path:
        """The lock that all programs share while they use the stack."""
        return self.run / "users.lock"

    @property
    def stays_file(self) -> Path:
        """A mark that keeps the stack running without users while it exists."""
        return self.run / "stays"

    @property
    def kept_agents_file(self) -> Path:
        """A mark that a person wants agents to run on without a stack, until its next start."""
        return self.run / "agents-kept"

    def ready_file(self, process: str) -> Path:
        """Return the file by which a process reports that it is ready."""
        return self.run / f"{process}.ready"

    @property
    def postgres(self) -> Path:
        """The data of the embedded database."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """The data and configuration of the embedded broker."""
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        """The logs, with one folder for each start."""
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        """The folder of secrets, closed to other accounts."""
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
        """The folder of this host's worker."""
        return self.root / "host"

    @property
    def host_name_file(self) -> Path:
        """The file with this host's name, which may differ from the machine's."""
        return self.host / "name"

    @property
    def worker_lock(self) -> Path:
        """The lock that this host's worker holds while it runs."""
        return self.host / "worker.lock"

    @property
    def caretaker_lock(self) -> Path:
        """The lock that this host's caretaker holds while it runs."""
        return self.host / "caretaker.lock"

    @property
    def caretaker_log(self) -> Path:
        """The log of this host's caretaker."""
        return self.host / "caretaker.log"

    @property
    def ending_lock(self) -> Path:
        """The lock of the process that ends all agents of this host."""
        return self.host / "ending.lock"

    @property
    def mirrors(self) -> Path:
        """The bare mirrors of repositories."""
        return self.host / "mirrors"

    @property
    def left_out(self) -> Path:
        """A folder for each ended agent with files that were too much to be committed."""
        return self.host / "left-out"

    @property
    def worktrees(self) -> Path:
        """The worktrees, by the agent's id, unless ``worktree_base`` names another folder."""
        return self.host / "worktrees"

    @property
    def agents(self) -> Path:
        """The agents' folders, by id."""
        return self.host / "agents"

    @property
    def base_runs(self) -> Path:
        """The outcomes of tests without the work under check, by commit and surroundings."""
        return self.host / "base-runs"

    @property
    def setups(self) -> Path:
        """The results of set-ups that are kept, by repository."""
        return self.host / "setups"

    @property
    def checks(self) -> Path:
        """The clean trees of running checks, each in the folder of its run."""
        return self.host / "checks"

    @property
    def logins(self) -> Path:
        """The logins that agents in sandboxes share, a folder for each program."""
        return self.host / "logins"

    def agent(self, agent_id: UUID) -> Path:
        """Return the folder of one agent, in which the agent may write."""
        return self.agents / str(agent_id)

    @property
    def tmux_socket(self) -> str:
        """The name of this home's private tmux server, unique to the home."""
        return f"hephaestus-{hashlib.sha256(str(self.root).encode()).hexdigest()[:8]}"


def session_name(agent_id: UUID | str) -> str:
    """Return the name of an agent's tmux session."""
    return f"{_SESSION_PREFIX}{agent_id}"


def agent_of_session(name: str) -> str | None:
    """Return the id of the agent whose tmux session has this name; None if it is no agent's."""
    return name.removeprefix(_SESSION_PREFIX) if name.startswith(_SESSION_PREFIX) else None
