"""Starts, stops and reads the local stack of one home folder."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import (
    checks,
    identity,
    leftovers,
    private_files,
    processes,
    stop_faults,
    table,
    users,
)
from hephaestus_sdk.runtime.errors import BY_CODE, HomeUnusable, StackError, StartFailed
from hephaestus_sdk.runtime.home import Home, locked
from hephaestus_sdk.runtime.last_lines import last_lines

#: Seconds for a failed start to stop its processes.
_UNDO_SECONDS = 60.0
#: Seconds for another process's stop of unknown duration.
_STOP_SECONDS = 300.0
#: Seconds between two polls of a stop.
_TELL_SECONDS = 1.0

#: Called during a start with the name of a ready process and the seconds that it took.
Progress = Callable[[str, float], None]

#: Called during a long stop with the name of the process that is waited for.
Waiting = Callable[[str], None]

#: Returns the descriptions of the processes that use the two servers.
Programs = Callable[[Settings, Home, table.Servers], Sequence[processes.ProcessSpec]]


@dataclass(frozen=True)
class StackInfo:
    """A stack that is ready."""

    api_url: str
    ui_url: str
    log_dir: Path
    pid: int
    token_file: Path
    """File with the administrator's token."""
    started_here: bool
    """False: it was running already, with the settings of its start."""


def start(
    settings: Settings,
    *,
    timeout: float = 60.0,
    log_dir: Path | None = None,
    stays: bool = True,
    progress: Progress = lambda _name, _seconds: None,
    programs: Programs | None = None,
) -> StackInfo:
    """Start the stack of ``settings.home`` unless it runs, and return when it is ready.

    Args:
        settings: written to ``run/config.yaml`` for the processes of the stack.
        timeout: seconds for all its processes to become ready.
        log_dir: folder of its logs, made if missing; default ``<home>/logs/session-<time>``.
        stays: it runs until it is stopped; False: it stops too when its last user is gone (see
            :mod:`hephaestus_sdk.runtime.users`). One that stays already goes on to.
        progress: called for each process that is ready.
        programs: the processes that use the two servers; default: Hephaestus itself.

    Raises:
        ConfigurationError: the settings contradict each other.
        StackError: it could not be started; nothing that was started is left.
    """
    home = Home(settings.home)
    checks.packages()
    checks.secrets_are_kept(home)
    checks.writable_home(home)
    with (
        _in_use(home, timeout),
        locked(home.start_lock, timeout=timeout) as alone,
    ):
        if not alone:
            raise StartFailed(f"Another start of {home.root} did not end within {timeout:g} s.")
        if running := _running(home, timeout):
            if stays:
                home.stays_file.touch(private_files.PRIVATE_FILE)
            return running
        _set_whether_it_stays(home, stays=stays)
        log_dir = _prepare(settings, home, timeout, log_dir, programs or table.programs)
        return _start_anew(home, log_dir, timeout, progress)


def stop(
    home: Path,
    *,
    graceful: bool = True,
    timeout: float | None = None,
    keep_agents: bool = False,
    waiting: Waiting = lambda _name: None,
) -> bool:
    """Stop the stack of a home folder, including processes of a killed supervisor.

    Args:
        home: the folder.
        graceful: wait for short running work; False: kill it, and it is repeated later.
        timeout: seconds after which everything is killed; default: the sum of the processes'
            own limits.
        keep_agents: leave the agents running; the next start adopts them.
        waiting: called for each process that the stop waits for, if it takes more than a moment.

    Returns:
        Whether anything was running.

    Raises:
        StackError: all is stopped but agents that could not be ended.
    """
    place = Home(home)
    if keep_agents and place.run.is_dir():
        place.kept_agents_file.touch(private_files.PRIVATE_FILE)
    if place.is_supervised():
        stop_faults.forget(place)
        _stop_supervised(place, graceful, timeout, keep_agents, waiting)
    elif leftovers.exist(place):
        stop_faults.forget(place)
        _end_leftovers(place, keep_agents=keep_agents, hurried=not graceful)
    else:
        return False
    if fault := stop_faults.found(place):
        raise StackError(fault)
    return True


def _stop_supervised(
    place: Home, graceful: bool, timeout: float | None, keep_agents: bool, waiting: Waiting
) -> None:
    supervisor = place.stack()
    _signal_supervisor(place, signal.SIGUSR1 if keep_agents else signal.SIGTERM)
    if not graceful:
        _signal_supervisor(place, signal.SIGQUIT)
    if _ends(place, _longest_stop(place) if timeout is None else timeout, waiting):
        # It frees its lock a moment before its end.
        identity.wait_gone(int(supervisor.get("pid", 0)), supervisor.get("born"), 5.0)
        return
    _signal_supervisor(place, signal.SIGKILL)
    _end_leftovers(place, keep_agents=keep_agents, hurried=True)


def _end_leftovers(place: Home, *, keep_agents: bool, hurried: bool) -> None:
    environ = table.inherited_environment(os.environ)
    leftovers.end(place, stop_agents=not keep_agents, environ=environ, hurried=hurried)


def _ends(place: Home, timeout: float, waiting: Waiting) -> bool:
    """Wait until the supervisor's lock is free; False after ``timeout``."""
    deadline = time.monotonic() + timeout
    told = None
    while (left := deadline - time.monotonic()) > 0:
        with locked(place.supervisor_lock, timeout=min(left, _TELL_SECONDS)) as ended:
            if ended:
                return True
        name = place.stack().get("stopping")
        if name and name != told:
            waiting(str(name))
            told = name
    return False


def _longest_stop(place: Home) -> float:
    try:
        return processes.longest_stop(processes.load(place.launch_file)) + _TELL_SECONDS
    except (OSError, ValueError, TypeError, KeyError):
        return _STOP_SECONDS


def _running(home: Home, timeout: float) -> StackInfo | None:
    """Return the running stack once it is ready; None if none runs."""
    deadline = time.monotonic() + timeout
    while home.is_supervised():
        stack = home.stack()
        if stack.get("state") == "ready":
            return _info(home, stack, started_here=False)
        if time.monotonic() > deadline:
            state = stack.get("state", "starting")
            raise StartFailed(
                f"The stack in {home.root} is still {state} after {timeout:g} s; "
                f"see supervisor.log in {stack.get('log_dir', home.logs)}."
            )
        time.sleep(0.05)
    return None


@contextmanager
def _in_use(home: Home, timeout: float) -> Iterator[None]:
    """Let nobody stop the stack for lack of users in the block."""
    user = users.StackUser.enter(home.root, timeout=timeout)
    try:
        yield
    finally:
        user.leave()


def _set_whether_it_stays(home: Home, *, stays: bool) -> None:
    if stays:
        home.stays_file.touch(private_files.PRIVATE_FILE)
    else:
        home.stays_file.unlink(missing_ok=True)


def _start_anew(home: Home, log_dir: Path, timeout: float, progress: Progress) -> StackInfo:
    environ = table.inherited_environment(os.environ)
    pid = _run_supervisor(home, log_dir, environ, timeout, progress)
    return _info(home, home.stack() | {"pid": pid}, started_here=True)


def _prepare(
    settings: Settings, home: Home, timeout: float, log_dir: Path | None, programs: Programs
) -> Path:
    """End the processes of an earlier stack, run all checks, and write the new files."""
    if leftovers.exist(home):
        leftovers.end(home, stop_agents=False, environ=table.inherited_environment(os.environ))
    checks.before_start(settings, home)
    home.stack_file.unlink(missing_ok=True)
    return _write_files(table.with_absolute_paths(settings), home, timeout, log_dir, programs)


def _write_files(
    settings: Settings, home: Home, timeout: float, log_dir: Path | None, programs: Programs
) -> Path:
    """Write the files of the supervisor and the processes, and return the log folder."""
    try:
        servers = table.prepare_servers(settings, home)
        for name in ("admin.token", "session.key"):
            private_files.ensure_secret(home.secret(name))
        given = replace(settings, database_url=servers.database_url, redis_url=servers.redis_url)
        private_files.write(home.config_file, table.as_yaml(given))
        log_dir = home.new_log_folder() if log_dir is None else private_files.make_folder(log_dir)
        launch = processes.Launch(
            api_url=settings.api_url,
            ui_url=settings.api_url.rpartition(":")[0] + f":{settings.ui_port}",
            database_url=servers.database_url,
            redis_url=servers.redis_url,
            log_dir=str(log_dir),
            processes=(*servers.processes, *programs(settings, home, servers)),
            start_seconds=timeout,
            locked_folder=str(servers.data_dir) if servers.data_dir else None,
        )
        processes.save(launch, home.launch_file)
    except OSError as error:
        raise HomeUnusable(
            f"{error.filename or home.root} cannot be written ({error.strerror}); "
            "make it writable, or name another home by home=…"
        ) from error
    return log_dir


def _run_supervisor(
    home: Home, log_dir: Path, environ: Mapping[str, str], timeout: float, progress: Progress
) -> int:
    """Start the supervisor and return its process id when the stack is ready."""
    reading, writing = os.pipe()
    log = log_dir / "supervisor.log"
    pid, born = 0, None
    try:
        _spawn(home, log, environ, writing)
        for report in _reports(reading, time.monotonic() + timeout + _UNDO_SECONDS):
            match report:
                case {"event": "began"}:
                    pid = int(report["pid"])
                    born = identity.birth(pid)
                case {"event": "ready"}:
                    progress(str(report["name"]), float(report["seconds"]))
                case {"event": "failed"}:
                    raise _reported(report)  # noqa: TRY301 - undone below like any other
                case {"event": "up"}:
                    return pid
        said = " ".join(last_lines(log, 3))
        raise StartFailed(f"The supervisor ended or hangs; {log} ends with: {said}")  # noqa: TRY301
    except BaseException:
        # After Ctrl-C or a fault nothing half-started stays. A failed supervisor has ended already.
        if home.is_supervised():
            with contextlib.suppress(StackError):  # the first error says more
                stop(home.root, graceful=False)
        identity.wait_gone(pid, born, 5.0)
        raise
    finally:
        os.close(reading)


def _spawn(home: Home, log: Path, environ: Mapping[str, str], report: int) -> None:
    module = "hephaestus_sdk.runtime.supervisor"
    argv = [sys.executable, "-P", "-m", module, "--home", str(home.root)]
    try:
        with log.open("ab") as output:
            log.chmod(private_files.PRIVATE_FILE)
            # Ends at once: the supervisor detaches itself.
            subprocess.run(
                [*argv, "--report-fd", str(report)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=dict(environ),
                pass_fds=[report],
                start_new_session=True,
                check=False,
            )
    finally:
        os.close(report)


def _reports(descriptor: int, deadline: float) -> Iterator[dict[str, Any]]:
    """Yield the supervisor's reports until its last one or the deadline."""
    unread = b""
    while select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(descriptor, 65536)
        *lines, unread = (unread + part).split(b"\n")
        yield from (json.loads(line) for line in lines)
        if not part:
            return


def _reported(report: dict[str, Any]) -> StackError:
    return BY_CODE.get(str(report["code"]), StackError)(str(report["message"]))


def _info(home: Home, stack: dict[str, Any], *, started_here: bool) -> StackInfo:
    return StackInfo(
        api_url=str(stack["api_url"]),
        ui_url=str(stack["ui_url"]),
        log_dir=Path(stack["log_dir"]),
        pid=int(stack["pid"]),
        token_file=home.admin_token,
        started_here=started_here,
    )


def _signal_supervisor(home: Home, number: int) -> None:
    stack = home.stack()
    pid = stack.get("pid")
    if pid is not None and identity.is_same(int(pid), stack.get("born")):
        os.kill(int(pid), number)
