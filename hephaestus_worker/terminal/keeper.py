"""Run a program as a child subreaper, and end all that it leaves behind: ``keeper.py PROGRAM…``.

For hosts that refuse PID namespaces. A process that loses its parent becomes a child of the
nearest subreaper, whatever its environment or session; so all descendants stay descendants.

There are two keepers, one inside the other. If the program ends, or either keeper or their parent
is killed, a living keeper ends all descendants. A script of its own, on the standard library
alone. Modules that only the end needs are imported there, so that it starts twice as fast.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PARENT_DIED = signal.SIGUSR1
_AWAITED = {signal.SIGCHLD, _PARENT_DIED}
#: Ignored by keepers, so that a terminal's Ctrl-C and a request to end reach the program alone.
_SHIELDED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def main(argv: list[str]) -> int:
    """Run the program and return its exit status, 128 + N if signal N ended it."""
    for number in _SHIELDED:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    parent = os.getppid()
    _adopt_orphans(parent)
    outer = os.getpid()
    inner = os.fork()
    if inner:
        return _keep(inner)
    _adopt_orphans(outer)
    program = os.fork()
    if program:
        return _keep(program)
    return _run(argv)


def _adopt_orphans(parent: int) -> None:
    """Make this process a subreaper that is told when ``parent`` dies."""
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_CHILD_SUBREAPER, 1), (_PR_SET_PDEATHSIG, int(_PARENT_DIED))):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl was refused")
    if os.getppid() != parent:
        signal.raise_signal(_PARENT_DIED)


def _run(argv: list[str]) -> int:
    for number in _SHIELDED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\n")
        return 127 if isinstance(error, FileNotFoundError) else 126


def _keep(child: int) -> int:
    """Wait until ``child`` has ended or the parent has died; then end all descendants."""
    status = None
    while status is None:
        if signal.sigwait(_AWAITED) == _PARENT_DIED:
            status = 128 + signal.SIGKILL
        while (reaped := _reap(os.WNOHANG)) is not None and reaped[0]:
            if reaped[0] == child:
                status = reaped[1]
    _end_descendants()
    return status


def _end_descendants() -> None:
    """Kill all descendants until there is none; a killed one's children come to this process."""
    while _reap(os.WNOHANG) is not None:
        from contextlib import suppress

        for pid in _descendants():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        _reap(0)


def _reap(options: int) -> tuple[int, int] | None:
    """Return a child that has ended with its exit status, (0, 0) for none; None without child."""
    try:
        pid, status = os.waitpid(-1, options)
    except ChildProcessError:
        return None
    code = os.waitstatus_to_exitcode(status) if pid else 0
    return pid, code if code >= 0 else 128 - code


def _descendants() -> list[int]:
    from contextlib import suppress
    from pathlib import Path

    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # The name, in parentheses, may hold anything; state and parent follow it.
                parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[1]
                children.setdefault(int(parent), []).append(int(folder.name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found += children.get(pid, ())
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
