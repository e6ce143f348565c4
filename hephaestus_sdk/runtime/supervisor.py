"""Runs the processes of one stack: ``python -m hephaestus_sdk.runtime.supervisor --home …``.

It is started by :func:`hephaestus_sdk.runtime.stack.start`, detaches itself, and lives as long
as the stack. Signals: SIGTERM or SIGINT stop everything in order; SIGUSR1 does so too but leaves
the agents running for the next start; SIGQUIT does not wait for unfinished work. It stops by
itself when nobody uses the stack any more, unless the stack is to stay.

It stays small: the standard library and psutil, no settings, no logging framework.
"""

import argparse
import json
import os
import signal
import sys
import time
from itertools import groupby
from pathlib import Path

from hephaestus_sdk.runtime import identity, private_files, processes, stop_faults
from hephaestus_sdk.runtime.child import Child
from hephaestus_sdk.runtime.errors import HomeUnusable, StackError, StartFailed
from hephaestus_sdk.runtime.home import Home, locked
from hephaestus_sdk.runtime.last_lines import last_lines
from hephaestus_sdk.runtime.report import Report, log
from hephaestus_sdk.runtime.signals import Signals
from hephaestus_sdk.runtime.users import Vacancy


class _StopAsked(Exception):
    """A stop was requested during the start."""


class Supervisor:
    """Starts, watches and stops the children of one stack."""

    def __init__(self, home: Home, launch: processes.Launch, report: Report, umask: int) -> None:
        self._home = home
        self._launch = launch
        self._report = report
        self._state = "starting"
        self._stopping: str | None = None
        self._signals = Signals()
        self._started_at = time.time()
        logs = Path(launch.log_dir)
        self._children = [Child(s, logs / f"{s.name}.log", umask) for s in launch.processes]

    def run(self) -> None:
        """Run the stack until it is asked to stop.

        Raises:
            StackError: it could not be started; everything is stopped again.
        """
        try:
            self._publish()
            self._start()
            self._state = "ready"
            self._publish()
            self._report.send(event="up")
            self._report.close()
            self._watch()
        except _StopAsked:
            raise StartFailed("The stack was stopped before it was ready.") from None
        finally:
            self._stop()

    # Starting

    def _start(self) -> None:
        deadline = time.monotonic() + self._launch.start_seconds
        starting = [c for c in self._children if c.spec.runs != "at_stop"]
        for _, stage in groupby(starting, key=lambda child: child.spec.stage):
            children = list(stage)
            for child in children:
                child.start()
                log(f"{child.spec.name}: started as process {child.pid}")
            self._publish()
            self._await(children, deadline)

    def _await(self, children: list[Child], deadline: float) -> None:
        waiting = set(children)
        while True:
            for child in self._children:
                self._check_start(child)
            for child in list(waiting):
                once = child.spec.runs == "at_start"
                if (once and not child.running) or (not once and (child.ready or child.ask())):
                    waiting.discard(child)
                    self._tell_ready(child)
            if self._signals.stop_asked:
                raise _StopAsked
            if not waiting:
                return
            if time.monotonic() > deadline:
                late = sorted(waiting, key=lambda child: child.spec.name)
                names = ", ".join(child.spec.name for child in late)
                raise _start_failed(
                    f"{names} not ready within {self._launch.start_seconds:g} s", late[0]
                )
            self._signals.pause([child.next_look() for child in waiting])

    def _check_start(self, child: Child) -> None:
        status = child.collect()
        if status is not None and (child.spec.runs != "at_start" or status != 0):
            raise _start_failed(f"{child.spec.name} ended {_how(status)} at the start", child)

    def _tell_ready(self, child: Child) -> None:
        seconds = round(time.monotonic() - child.started_at, 3)
        log(f"{child.spec.name}: ready after {seconds:.2f} s")
        self._report.send(event="ready", name=child.spec.name, seconds=seconds)

    # Watching

    def _watch(self) -> None:
        watched = [c for c in self._children if c.spec.runs == "always"]
        vacancy = Vacancy(self._home)
        while not self._signals.stop_asked:
            if vacancy.is_final():
                log("stack: every program that used it has ended; agents end, their work is saved")
                return
            changed = [child for child in watched if self._look_after(child)]
            if changed:
                self._publish()
            self._signals.pause([vacancy.next_look(), *(child.next_look() for child in watched)])

    def _look_after(self, child: Child) -> bool:
        """Do the next step of one child; True if its state has changed."""
        status = child.collect()
        if status is not None:
            self._plan_restart(child, f"ended {_how(status)}")
        elif child.start_is_due():
            try:
                child.start()
                log(f"{child.spec.name}: started again as process {child.pid}")
            except (OSError, StackError) as error:
                self._plan_restart(child, f"could not be started: {error}")
        elif child.ask():
            log(f"{child.spec.name}: ready after {time.monotonic() - child.started_at:.2f} s")
        elif child.hangs():
            log(f"{child.spec.name}: gives no sign of life, killed")
            child.end_hanging()
        else:
            return False
        return True

    def _plan_restart(self, child: Child, what: str) -> None:
        delay = child.delay_next_start()
        log(f"{child.spec.name}: {what}; restart {child.restarts} in {delay:.1f} s")

    # Stopping

    def _stop(self) -> None:
        self._state = "stopping"
        self._publish()
        for child in reversed(self._children):
            try:
                self._stopping = child.spec.name
                if child.spec.runs == "at_stop":
                    self._run_at_stop(child)
                else:
                    self._end(child, child.spec.stop_signal)
            except OSError as error:
                log(f"{child.spec.name}: {error}")
        self._home.stack_file.unlink(missing_ok=True)

    def _run_at_stop(self, child: Child) -> None:
        # before its stage no process could have started agents
        reached = any(c.started_at for c in self._children if c.spec.stage == child.spec.stage)
        if not (self._signals.stops_agents and reached):
            return
        done = not self._signals.hurried and self._run_step(child)
        if not done and not self._run_step(child, *child.spec.hurried):
            stop_faults.note(self._home, child.spec.name, child.log)

    def _run_step(self, child: Child, *arguments: str) -> bool:
        """Run the child to its end; say whether it succeeded."""
        try:
            child.start(*arguments)
        except OSError as error:
            log(f"{child.spec.name}: {error}")
            return False
        self._end(child, None)
        return not child.running and child.last_exit == 0

    def _end(self, child: Child, number: int | None) -> None:
        """Wait for the child to end, after sending the signal if there is one."""
        if not child.running:
            return
        self._publish()
        if number is not None:
            child.signal(number)
        began = time.monotonic()
        killed = False
        while (status := child.collect()) is None:
            left = began + self._stop_seconds(child) - time.monotonic()
            if left <= 0 and not killed:
                log(f"{child.spec.name}: did not end in time, killed")
                child.end_group()
                killed = True
            if left <= -processes.KILL_SECONDS:
                log(f"{child.spec.name}: cannot be ended; process {child.pid} is left")
                return
            self._signals.pause([max(0.05, left)])
        log(f"{child.spec.name}: ended {_how(status)}")
        self._publish()

    def _stop_seconds(self, child: Child) -> float:
        if self._signals.hurried:
            return min(child.spec.stop_seconds, child.spec.hurried_seconds)
        return child.spec.stop_seconds

    def _publish(self) -> None:
        launch = self._launch
        content = {
            "state": self._state,
            "stopping": self._stopping,
            "pid": os.getpid(),
            "born": identity.birth(os.getpid()),
            "api_url": launch.api_url,
            "ui_url": launch.ui_url,
            "database_url": launch.database_url,
            "redis_url": launch.redis_url,
            "log_dir": launch.log_dir,
            "started_at": self._started_at,
            "processes": {
                c.spec.name: c.as_json()
                for c in self._children
                if c.spec.runs == "always" or (c.spec.runs == "at_stop" and c.running)
            },
        }
        try:
            private_files.write(self._home.stack_file, json.dumps(content, indent=1))
        except OSError as error:  # a full disk must not end the supervision
            log(f"stack: {self._home.stack_file} cannot be written: {error}")


def _start_failed(what: str, child: Child) -> StartFailed:
    lines = last_lines(child.log, 10)
    said = "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"
    return StartFailed(f"{what}. The end of {child.log}:\n{said}")


def _how(status: int) -> str:
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"


def _detach() -> None:
    """Go on in a daemon that survives its terminal and its parent."""
    if os.fork():
        os._exit(0)


def _run(home: Home, report: Report, umask: int) -> None:
    launch = processes.load(home.launch_file)
    with (
        # A test whether the lock is free holds it for a moment.
        locked(home.supervisor_lock, timeout=2) as alone,
        locked(Path(launch.locked_folder or home.run), timeout=2) as unshared,
    ):
        if not alone:
            raise StackError(f"Another stack runs in {home.root}; stop it first.")
        if not unshared:
            raise HomeUnusable(f"Another stack uses the database in {launch.locked_folder}.")
        report.send(event="began", pid=os.getpid())
        Supervisor(home, launch, report, umask).run()


def main() -> int:
    """Run one stack to its end; the exit status is that of its error, if any."""
    parser = argparse.ArgumentParser(prog="hephaestus-supervisor")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--report-fd", type=int)
    arguments = parser.parse_args()
    _detach()
    umask = os.umask(0o077)
    report = Report(arguments.report_fd)
    try:
        _run(Home(arguments.home), report, umask)
        log("stack: stopped")
        return 0
    except (StackError, OSError, ValueError, TypeError) as error:
        code = error.code if isinstance(error, StackError) else StackError.code
        report.send(event="failed", code=code, message=str(error))
        log(f"stack: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
