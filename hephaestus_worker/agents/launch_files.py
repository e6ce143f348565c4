"""The files of one launch: prompt, start script, log and exit status, in the agent's folder."""

import re
from pathlib import Path
from shlex import quote

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_worker.agent_programs.base import PROMPT, RESUME_PROMPT, Command, Launch
from hephaestus_worker.host.own_homes import keep_home
from hephaestus_worker.terminal.enclosures import KEEPER, Enclosure
from hephaestus_worker.terminal.environment import with_direct_way
from hephaestus_worker.terminal.private_files import write_private
from hephaestus_worker.terminal.process_tree import MARKER
from hephaestus_worker.terminal.sandbox import Reach
from hephaestus_worker.terminal.toolchains import tools

EXIT = "exit"
OWN = "own"
"""The folder with the home and /tmp of an agent in a sandbox."""
SCRIPT = "launch.sh"
TOKEN = "token"  # noqa: S105 - the name of its file
UNSAID = "prompt-unsaid"

#: Programs that keep all they write in this folder of the launch see the rest read-only.
_CONFIG = "config"
_STATUS = re.compile(rb"[0-9]{1,3}\n?")
_LONGEST_STATUS = 4
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# The shell traps signals and survives the program, so that it can write the exit status.
# When the terminal goes away, the shell records SIGHUP as the exit status, whatever the program's
# own status is: the machine failed, not the agent.
# Without TMUX, the agent's own tmux commands cannot reach the server that runs all agents.
_SCRIPT_HEAD = """\
#!/bin/sh
# Starts one agent. Made anew for each launch; holds secrets, so only its owner may read it.
trap : INT QUIT TERM
hung_up=
trap hung_up=1 HUP
unset TMUX TMUX_PANE
{ echo 5 > /proc/self/autogroup; } 2> /dev/null
"""

# Where agents keep all processors busy, the worker and the database go first: leases are renewed,
# messages delivered and further agents started. Linux weighs a session against others by its
# autogroup, as written above, and processes by this where it does not group sessions.
_POLITE = ("nice", "-n", "5")

#: The exit status after SIGHUP.
_HUNG_UP = 128 + 1

# The kernel passes a terminal's output on with a short delay, and tmux closes the terminal of an
# ended process as soon as nothing is left to read. Without this pause, a busy machine loses the
# last output.
_LAST_PAUSE = "sleep 0.1"


def marks(agent_id: str) -> dict[str, str]:
    """Return the variables by which the keepers of an agent's program are found."""
    return {MARKER: agent_id, KEEPER: agent_id}


def write_prompt(launch: Launch) -> Path:
    """Write the prompt, unchanged, to its file (0600) and return the path."""
    path = launch.folder / (RESUME_PROMPT if launch.resume_session else PROMPT)
    write_private(path, launch.prompt)
    return path


def write_script(launch: Launch, command: Command, prompt: Path, enclosure: Enclosure) -> Path:
    """Write the start script (0700) and return its path."""
    path = launch.folder / SCRIPT
    reach = reach_of(launch, command)
    if enclosure.holds_files:
        keep_home(reach)
    around = enclosure.around(reach)
    write_private(path, _script(launch, command, prompt, around), mode=0o700)
    return path


def reach_of(launch: Launch, command: Command) -> Reach:
    """Return what the agent reaches in a sandbox: the files of this launch and of its program."""
    variables = {**launch.environment, **command.environment}
    config = launch.folder / _CONFIG
    own = config if config.is_dir() else launch.folder
    home = Path(variables.get("HOME") or Path.home())
    programs = tools(command.argv[0], variables.get("PATH", ""), home)
    return Reach(
        own=launch.folder / OWN,
        home=home,
        working_directory=launch.working_directory,
        readable=(launch.folder, *programs, *command.readable, *launch.readable),
        writable=(launch.worktree, own, *command.writable, *launch.writable),
        locked=(launch.folder / SCRIPT, launch.folder / PANE_LOG),
        hidden=launch.hidden,
    )


def exit_status(folder: Path) -> int | None:
    """Return the program's exit status; None if it runs, or was killed together with its shell.

    Death by signal N is 128 + N.
    """
    found = agent_files.read(folder, EXIT, most=_LONGEST_STATUS + 1) or b""
    return int(found) if _STATUS.fullmatch(found) else None


def _script(launch: Launch, command: Command, prompt: Path, around: tuple[str, ...]) -> str:
    variables = {**launch.environment, **command.environment, **marks(launch.agent_id)}
    environment = with_direct_way(variables, launch.mcp_url)
    lines = [f"export {_checked(name)}={quote(value)}" for name, value in environment.items()]
    steps = [f"cd {quote(str(launch.working_directory))}"]
    run = " ".join(quote(part) for part in (*_POLITE, *around, *command.argv))
    if command.prompt_prefix is not None:
        # $(…) drops final newlines; the dot protects those of the prompt.
        steps.append(f"prompt=$(cat {quote(str(command.prompt_file or prompt))} && printf .)")
        run += f' {quote(command.prompt_prefix)}"${{prompt%.}}"'
    exit_file = quote(str(launch.folder / EXIT))
    lines += [" && ".join([*steps, run]), "status=$?"]
    lines += [f'[ -z "$hung_up" ] || status={_HUNG_UP}']
    lines += ["umask 077", f"echo $status > {exit_file}.new && mv {exit_file}.new {exit_file}"]
    lines += [_LAST_PAUSE]
    return _SCRIPT_HEAD + "\n".join(lines) + "\n"


def _checked(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise AgentProgramError(
            f"{name!r} cannot name an environment variable; see agents.environment in the"
            " configuration."
        )
    return name
