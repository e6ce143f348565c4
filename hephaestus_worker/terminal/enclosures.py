"""What holds all processes of one agent, so that none outlives it: a command that runs a program.

Every form leaves the program's output, terminal, signals and exit status as they are. Ctrl-C, a
hang-up of the terminal and SIGTERM reach the program; the processes around it ignore them, and
carry :data:`KEEPER` in their environment, which the program does not.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from hephaestus_core.contract.statuses import Containment
from hephaestus_worker.terminal import sandbox
from hephaestus_worker.terminal.environment import base_environment
from hephaestus_worker.terminal.sandbox import Reach

KEEPER = "HEPHAESTUS_KEEPER"
"""Set for the processes around an agent's program; they end by themselves after it."""

#: What helps against a refusal of bubblewrap's, by what it says.
_REMEDIES = {
    "nknown option": "bubblewrap 0.8 or newer forbids further namespaces within the sandbox",
    "not found": "install it: apt install bubblewrap, or dnf install bubblewrap",
    "uid map": "AppArmor refuses it: load the profile bwrap-userns-restrict of apparmor-profiles",
    "namespace": "this kernel or container refuses user namespaces; see docs/operations.md",
    "/proc": "a container needs the option systempaths=unconfined",
}
_PROBE_SECONDS = 10.0
_SHIELD = ("/bin/sh", "-c", "trap '' HUP INT QUIT TERM; exec \"$@\"", "sh")
_ENV = ("env", "-u", KEEPER)
_SIGNALS = "--default-signal=HUP,INT,QUIT,TERM"
#: They name folders that a sandbox does not have.
_FOLDERS = ("TMPDIR", "TMUX_TMPDIR")
# The first process of a namespace: it adopts and reaps orphans, and the kernel kills all others
# with its end. The program cannot be it: signals that a first process does not handle are dropped.
_INIT = ("/bin/sh", "-c", '"$@"; exit $?', "sh")


@dataclass(frozen=True)
class Enclosure:
    """One way of holding the processes of an agent.

    Args:
        containment: its name for people.
        command: runs the program that is put behind it; see :meth:`around`.
        obstacle: why this host has no better one, in the words of the programs that refused.
        old: use what a bubblewrap before 0.8 knows.
    """

    containment: Containment
    command: tuple[str, ...]
    obstacle: str | None = None
    old: bool = False

    @property
    def holds_files(self) -> bool:
        """Whether an agent reaches its own files only, not just its own processes."""
        return self.containment == Containment.SANDBOX

    def around(self, reach: Reach) -> tuple[str, ...]:
        """Return the command for an agent that may reach this, if files are contained at all."""
        if not self.holds_files:
            return self.command
        return (*_SHIELD, *sandbox.arguments(reach, old=self.old), *self.command)


def bubblewrap(*, old: bool = False) -> Enclosure:
    """Return a sandbox for files and processes, for an old version of bubblewrap or a new one."""
    own = tuple(word for name in _FOLDERS for word in ("-u", name))
    return Enclosure(Containment.SANDBOX, (*_ENV, *own, _SIGNALS), old=old)


def namespace(*, as_user: bool) -> Enclosure:
    """Return a PID namespace for each program: no process in it outlives the first.

    Args:
        as_user: make a user namespace as well, which everyone but root needs. The program stays
            the same user in it.
    """
    user = ("--user", "--map-current-user") if as_user else ()
    # Mounts of the host are seen within, and none of within outside.
    pid = ("--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "slave", "--")
    command = (*_SHIELD, "unshare", *user, *pid, *_INIT, *_ENV, _SIGNALS)
    return Enclosure(Containment.NAMESPACE, command)


def subreaper() -> Enclosure:
    """Return two subreapers around the program; see :mod:`hephaestus_worker.terminal.keeper`."""
    keeper = str(Path(__file__).with_name("keeper.py"))
    return Enclosure(Containment.SUBREAPER, (*_SHIELD, sys.executable, "-I", "-S", keeper, *_ENV))


def environment() -> Enclosure:
    """Return a mark in the environment, which every process inherits that does not empty it."""
    return Enclosure(Containment.ENVIRONMENT, _ENV)


@cache
def probed(*, sandboxed: bool = True) -> Enclosure:
    """Return the best enclosure of this host, found once by trying each.

    Args:
        sandboxed: contain files too, where this host can. Otherwise the obstacle says so.
    """
    forms = [namespace(as_user=True), subreaper()]
    if os.geteuid() == 0:
        # Root keeps what only root may do: installing packages, becoming another user.
        forms.insert(0, namespace(as_user=False))
    if sandboxed:
        return first_that_works([bubblewrap(), bubblewrap(old=True), *forms])
    form = first_that_works(forms)
    reasons = filter(None, ("agents.sandbox is none", form.obstacle))
    return replace(form, obstacle="; ".join(reasons))


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
    # Without a user namespace or with one, a PID namespace is the same to its reader.
    if form.containment == Containment.NAMESPACE:
        refusals = [said for said in refusals if not said.startswith("unshare")]
    return replace(form, obstacle="; ".join(dict.fromkeys(refusals)) or None)


def try_out(form: Enclosure) -> str | None:
    """Return why this host refuses the enclosure, None if it runs the program ``true``."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder, "own")
            sandbox.make_own(own)
            nothing = Reach(own=own, home=Path.home(), working_directory=Path("/"))
            done = subprocess.run(
                [*form.around(nothing), shutil.which("true") or "/bin/true"],
                env=base_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROBE_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    said = (lines or [f"exit status {done.returncode}"])[-1]
    remedies = _REMEDIES if form.containment == Containment.SANDBOX else {}
    return "; ".join([said, *(remedy for sign, remedy in remedies.items() if sign in said)])
