"""Errors of the local stack, each with its exit code.

==== ==================== ==========================================================
exit class                meaning
==== ==================== ==========================================================
0                         done as asked
1    StackError           something else went wrong
2    ConfigurationError   settings or command line cannot be used
3    PortInUse            a port that the stack needs is held by another process
4    HomeUnusable         the home folder, or the disk below it, cannot be used
5    ProgramMissing       a program or package is missing or of a wrong version
6    ServerUnreachable    a server given by URL does not answer as it should
7    StartFailed          a process of the stack did not come up in time
8    DataVersion          the data folder was written by another PostgreSQL version
9    NotRunning           the stack is not running, or is not healthy
10   NotFound             there is no such thing
==== ==================== ==========================================================
"""

from typing import ClassVar

from hephaestus_core.contract.errors import ConfigurationError, HephaestusError, NotFound


class StackError(HephaestusError):
    """Base of all errors of the local stack. The message is one line with a remedy."""

    code = "stack_error"
    exit_code: ClassVar[int] = 1


class PortInUse(StackError):
    """A port that the stack needs is held by another process; nothing was started."""

    code = "port_in_use"
    exit_code = 3


class HomeUnusable(StackError):
    """The home folder or the database folder cannot be used; nothing was started."""

    code = "home_unusable"
    exit_code = 4


class ProgramMissing(StackError):
    """A program or package is missing or of a wrong version; nothing was started."""

    code = "program_missing"
    exit_code = 5


class ServerUnreachable(StackError):
    """A server given by URL does not answer as it should; nothing was started."""

    code = "server_unreachable"
    exit_code = 6


class StartFailed(StackError):
    """A process did not come up in time; everything already started was stopped again."""

    code = "start_failed"
    exit_code = 7


class DataVersion(StackError):
    """The data folder was written by another major version of PostgreSQL."""

    code = "data_version"
    exit_code = 8


class NotRunning(StackError):
    """The stack is not running, or is not healthy."""

    code = "not_running"
    exit_code = 9


BY_CODE: dict[str, type[StackError]] = {
    kind.code: kind
    for kind in (
        StackError,
        PortInUse,
        HomeUnusable,
        ProgramMissing,
        ServerUnreachable,
        StartFailed,
        DataVersion,
        NotRunning,
    )
}


def exit_code(error: HephaestusError) -> int:
    """Return the exit code for an error that reached the command line."""
    if isinstance(error, ConfigurationError):
        return 2
    if isinstance(error, NotFound):
        return 10
    return error.exit_code if isinstance(error, StackError) else 1
