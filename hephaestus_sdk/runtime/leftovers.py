"""Ends the processes of a stack whose supervisor was killed."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hephaestus_sdk.runtime import identity, postgres, processes
from hephaestus_sdk.runtime.errors import StackError
from hephaestus_sdk.runtime.home import Home, locked
from hephaestus_sdk.runtime.processes import ProcessSpec

_KILL_SECONDS = 5.0


def exist(home: Home) -> bool:
    """Whether processes of an earlier supervisor still run without one."""
    return not home.is_supervised() and any(_alive(p) for p in _recorded(home).values())


def end(home: Home, *, stop_agents: bool, environ: Mapping[str, str]) -> list[str]:
    """End them in the order in which the supervisor would have, and return their names.

    Args:
        home: of the stack.
        stop_agents: also run what stops the agents.
        environ: for what has to be run for that.

    Raises:
        StackError: a supervisor is alive after all.
    """
    with locked(home.supervisor_lock, timeout=2) as alone:
        if not alone:
            raise StackError(f"The stack in {home.root} is running; see 'hephaestus status'.")
        recorded = {name: p for name, p in _recorded(home).items() if _alive(p)}
        for spec in reversed(_specs(home, recorded)):
            if spec.runs == "at_stop" and stop_agents and recorded:
                _run_once(spec, home, environ)
            elif spec.name in recorded:
                _end_process(recorded[spec.name], spec)
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


def _run_once(spec: ProcessSpec, home: Home, environ: Mapping[str, str]) -> None:
    log = Path(home.stack()["log_dir"]) / f"{spec.name}.log"
    with (
        log.open("ab") as output,
        contextlib.suppress(subprocess.TimeoutExpired),
    ):
        subprocess.run(
            spec.argv,
            env=dict(environ) | spec.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            timeout=spec.stop_seconds,
        )


def _end_process(process: Mapping[str, Any], spec: ProcessSpec) -> None:
    pid, born = int(process["pid"]), process["born"]
    if identity.is_same(pid, born):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, spec.stop_signal)
    if not identity.wait_gone(pid, born, spec.stop_seconds):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        identity.wait_gone(pid, born, _KILL_SECONDS)
    # Each process of the stack leads a group of its own; what it left there goes with it.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
