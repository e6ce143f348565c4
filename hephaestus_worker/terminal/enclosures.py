"""What holds all processes of one agent, so that none outlives it: a command that runs a program.

Every form leaves the program's output, terminal, signals and exit status as they are. Ctrl-C, a
hang-up of the terminal and SIGTERM reach the program; the processes around it ignore them, and
carry :data:`KEEPER` in their environment, which the program does not.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from hephaestus_core.contract.statuses import Containment
from hephaestus_worker.terminal.environment import base_environment

KEEPER = "HEPHAESTUS_KEEPER"
"""Set for the processes around an agent's program; they end by themselves after it."""

_PROBE_SECONDS = 10.0
_SHIELD = ("/bin/sh", "-c", "trap '' HUP INT QUIT TERM; exec \"$@\"", "sh")
_ENV = ("env", "-u", KEEPER)
# The first process of a namespace: it adopts and reaps orphans, and the kernel kills all others
# with its end. The program cannot be it: signals that a first process does not handle are dropped.
_INIT = ("/bin/sh", "-c", '"$@"; exit $?', "sh")


@dataclass(frozen=True)
class Enclosure:
    """One way of holding the processes of an agent.

    Args:
        containment: its name for people.
        command: runs the program that is put behind it.
        obstacle: why this host has no better one, in the words of the programs that refused.
    """

    containment: Containment
    command: tuple[str, ...]
    obstacle: str | None = None


def namespace(*, as_user: bool) -> Enclosure:
    """Return a PID namespace for each program: no process in it outlives the first.

    Args:
        as_user: make a user namespace as well, which everyone but root needs. The program stays
            the same user in it.
    """
    user = ("--user", "--map-current-user") if as_user else ()
    # Mounts of the host are seen within, and none of within outside.
    pid = ("--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "slave", "--")
    signals = (*_ENV, "--default-signal=HUP,INT,QUIT,TERM")
    command = (*_SHIELD, "unshare", *user, *pid, *_INIT, *signals)
    return Enclosure(Containment.NAMESPACE, command)


def subreaper() -> Enclosure:
    """Return two subreapers around the program; see :mod:`hephaestus_worker.terminal.keeper`."""
    keeper = str(Path(__file__).with_name("keeper.py"))
    return Enclosure(Containment.SUBREAPER, (*_SHIELD, sys.executable, "-I", "-S", keeper, *_ENV))


def environment() -> Enclosure:
    """Return a mark in the environment, which every process inherits that does not empty it."""
    return Enclosure(Containment.ENVIRONMENT, _ENV)


@cache
def probed() -> Enclosure:
    """Return the best enclosure of this host, found once by trying each."""
    forms = [namespace(as_user=True), subreaper()]
    if os.geteuid() == 0:
        # Root keeps what only root may do: installing packages, becoming another user.
        forms.insert(0, namespace(as_user=False))
    return first_that_works(forms)


def first_that_works(forms: Sequence[Enclosure]) -> Enclosure:
    """Return the first form that this host does not refuse, else the mark in the environment."""
    refusals: list[str] = []
    for form in forms:
        refusal = try_out(form)
        if refusal is None:
            break
        refusals.append(refusal)
    else:
        form = environment()
    if form.containment != Containment.NAMESPACE and refusals:
        return replace(form, obstacle="; ".join(dict.fromkeys(refusals)))
    return form


def try_out(form: Enclosure) -> str | None:
    """Return why this host refuses the enclosure, None if it runs the program ``true``."""
    try:
        done = subprocess.run(
            [*form.command, shutil.which("true") or "/bin/true"],
            env=base_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return None if done.returncode == 0 else (said or [f"exit status {done.returncode}"])[-1]
