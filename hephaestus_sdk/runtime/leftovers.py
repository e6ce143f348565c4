"""Ends the processes of a stack after its supervisor was killed."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hephaestus_sdk.runtime import identity, postgres, processes, stop_faults
from hephaestus_sdk.runtime.errors import StackError
from hephaestus_sdk.runtime.home import Home, locked
from hephaestus_sdk.runtime.processes import KILL_SECONDS, ProcessSpec


def exist(home: Home) -> bool:
    """Whether processes of a dead supervisor still run."""
    return not home.is_supervised() and any(_alive(p) for p in _recorded(home).values())


def end(
    home: Home, *, stop_agents: bool, environ: Mapping[str, str], hurried: bool = False
) -> list[str]:
    """End them in the supervisor's order, and return their names.

    Args:
        home: of the stack.
        stop_agents: stop the agents too.
        environ: for what has to be run for that.
        hurried: do not wait for unfinished work.

    Raises:
        StackError: a supervisor is alive.
    """
    with locked(home.supervisor_lock, timeout=2) as alone:
        if not alone:
            raise StackError(f"The stack in {home.root} is running; stop it first.")
        recorded = {name: p for name, p in _recorded(home).items() if _alive(p)}
        for spec in reversed(_specs(home, recorded)):
            if spec.name in recorded:
                # Of those that run at the stop too: no two of them may be at one work.
                _end_process(recorded[spec.name], spec)
            if spec.runs == "at_stop" and stop_agents and recorded:
                _run_at_stop(spec, home, environ, hurried=hurried)
            if spec.ready[:1] == ("postgres",):
                postgres.clear_leftovers(Path(spec.ready[1]))
        home.stack_file.unlink(missing_ok=True)
    return list(recorded)


def _recorded(home: Home) -> dict[str, dict[str, Any]]:
    return dict(home.stack().get("processes", {}))


def _alive(process: dict[str, Any]) -> bool:
    pid, born = process.get("pid"), process.get("born")
    return pid is not None and (identity.is_same(pid, born) or identity.left_a_group(pid, born))


def _specs(home: Home, recorded: Mapping[str, Any]) -> list[ProcessSpec]:
    """Return what was launched, and something for each process whose description is lost."""
    try:
        specs = list(processes.load(home.launch_file).processes)
    except (OSError, ValueError, TypeError):
        specs = []
    lost = recorded.keys() - {spec.name for spec in specs}
    return specs + [ProcessSpec(name=name, argv=(), stage=0) for name in lost]


def _run_at_stop(
    spec: ProcessSpec, home: Home, environ: Mapping[str, str], *, hurried: bool
) -> None:
    """Run it as the supervisor does: hurried if asked to, or after a failure."""
    log = Path(home.stack()["log_dir"]) / f"{spec.name}.log"
    environment = dict(environ) | spec.environment
    done = not hurried and _succeeds(spec.argv, environment, log, spec.stop_seconds)
    if not done and not _succeeds(
        (*spec.argv, *spec.hurried), environment, log, spec.hurried_seconds
    ):
        stop_faults.note(home, spec.name, log)


def _succeeds(
    argv: Sequence[str], environment: Mapping[str, str], log: Path, seconds: float
) -> bool:
    with log.open("ab") as output, contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            timeout=seconds,
        )
        return done.returncode == 0
    return False


def _end_process(process: Mapping[str, Any], spec: ProcessSpec) -> None:
    pid, born = int(process["pid"]), process["born"]
    if identity.is_same(pid, born):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, spec.stop_signal)
    if not identity.wait_gone(pid, born, spec.stop_seconds):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        identity.wait_gone(pid, born, KILL_SECONDS)
    # Each process leads a group, which is ended as a whole.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
