"""Failures on this host: whose fault they are, and what follows for the task."""

from typing import Final, Literal

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.errors import AgentProgramError, RepositoryError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.origin import PushRefused
from hephaestus_worker.host.disk import shortage_of
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal.tmux import TmuxFailed, TmuxSilent

#: The errors that end a start. Any other is tried again in the next pass.
FAILURES: Final = (RepositoryError, AgentProgramError, TmuxSilent, OSError)


def trouble_of(
    machine: Machine, error: RepositoryError | AgentProgramError | TmuxSilent | OSError
) -> Trouble:
    """Return the trouble of an attempt that could not be started."""
    if isinstance(error, TmuxFailed | TmuxSilent):
        return _of_host(machine, error.message)
    if isinstance(error, AgentProgramError):
        return Trouble(FailureClass.PERMANENT, error.message, program_failed=True)
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        return _of_host(machine, f"{error.strerror or error}{place}")
    fault = fault_of(machine, error)
    if fault is not None:
        return _of_host(machine, error.message, of_repository=fault == "repository")
    # A failed git command may succeed later, and an origin may refuse only for a while. Where the
    # folder of a repository was never seen here, nothing helps, but another host may have it.
    passing = isinstance(error, git.GitError | git.GitTimeout | PushRefused)
    passing = passing or bool(error.details.get("transient"))
    return Trouble(
        FailureClass.TRANSIENT if passing else FailureClass.PERMANENT,
        error.message,
        of_repository=error.details.get("fault") == "missing",
    )


def fault_of(machine: Machine, error: RepositoryError) -> Literal["host", "repository"] | None:
    """Say whether this host failed by itself, or only its access to one repository did."""
    fault: Literal["host", "repository", "missing"] | None = error.details.get("fault")
    if fault in {"host", "repository"}:
        return fault
    # git does not always say that the disk is full.
    return None if shortage_of(machine) is None else "host"


def _of_host(machine: Machine, reason: str, *, of_repository: bool = False) -> Trouble:
    told = f"Host '{machine.name}': {reason}"
    return Trouble(FailureClass.HOST, told, of_repository=of_repository)
