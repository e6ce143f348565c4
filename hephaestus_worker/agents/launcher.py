"""Starting and stopping one agent on this host."""

import time
from collections.abc import Mapping
from pathlib import Path

from hephaestus_core.contract.errors import Unavailable
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_worker.agent_programs.base import AgentProgram, Launch
from hephaestus_worker.agents.launch_files import (
    EXIT,
    SCRIPT,
    UNSAID,
    exit_status,
    marks,
    write_prompt,
    write_script,
)
from hephaestus_worker.terminal.enclosures import Enclosure
from hephaestus_worker.terminal.private_files import private_file, private_folder
from hephaestus_worker.terminal.process_tree import ask_to_end, end_tree
from hephaestus_worker.terminal.tmux import SessionExists, Tmux

__all__ = ["exit_status", "start", "stop"]


_LAST_OUTPUT_SECONDS = 2.0
# A large program on a busy machine takes half a minute to start.
_READY_SECONDS = 90.0
_POLL_SECONDS = 0.01


def start(launch: Launch, program: AgentProgram, tmux: Tmux, enclosure: Enclosure) -> None:
    """Start the agent; do nothing if it runs or has run to its end.

    The remains of a start that a crash interrupted are removed first.

    Raises:
        AgentProgramError: the program or tmux cannot be started.
        Unavailable: the program did not accept its prompt as a message; the next start retries.
    """
    again = (launch.folder / SCRIPT).exists()
    if again and not _clear_for_restart(launch, tmux):
        return
    private_folder(launch.folder)
    prompt = write_prompt(launch)
    command = program.prepare(launch)
    script = write_script(launch, command, prompt, enclosure)
    log = launch.folder / PANE_LOG
    private_file(log)
    if command.prompt_as_message:
        private_file(launch.folder / UNSAID)
    try:
        tmux.new_session(
            session_name(launch.agent_id),
            # `env` marks the shell as well; an `export` within it would come too late.
            command=["env", *_assignments(marks(launch.agent_id)), "/bin/sh", str(script)],
            cwd=launch.working_directory,
            log=log,
        )
    except SessionExists:
        return
    if command.prompt_as_message:
        _say_prompt(launch, program, tmux)


def stop(agent_id: str, tmux: Tmux, *, grace: float) -> None:
    """End the agent and every process it started, and remove its session.

    Processes get ``grace`` seconds to end by themselves. The function also works without a tmux
    server and for an agent that has already ended.

    Raises:
        AgentProgramError: a process is still running.
    """
    session = session_name(agent_id)
    ask_to_end(agent_id, grace=grace)
    _wait_for_last_output(session, tmux)
    tmux.kill_session(session)
    # A dying process may have started others, and a starting session its first ones, only now.
    end_tree(agent_id, grace=grace)


def _wait_for_last_output(session: str, tmux: Tmux) -> None:
    """Wait until tmux has read and logged the last output of the ended program."""
    deadline = time.monotonic() + _LAST_OUTPUT_SECONDS
    while (info := tmux.sessions().get(session)) and not info.dead:
        if time.monotonic() > deadline:
            return
        time.sleep(_POLL_SECONDS)
    # Removing the session discards all output that the log's writer has not read yet.
    size = -1
    while info and info.log and (now := _size(info.log)) != size and time.monotonic() < deadline:
        size = now
        time.sleep(2 * _POLL_SECONDS)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _say_prompt(launch: Launch, program: AgentProgram, tmux: Tmux) -> None:
    """Deliver the prompt as a message, once the program waits for input."""
    session = session_name(launch.agent_id)
    ready = tmux.wait_for(session, lambda s: bool(program.is_idle(s)), timeout=_READY_SECONDS)
    if not ready or not program.deliver(tmux, session, launch.prompt, folder=launch.folder):
        raise Unavailable(
            f"{program.name} did not accept its prompt as a message; it is started again. If this"
            " keeps happening, attach to its session and look."
        )
    (launch.folder / UNSAID).unlink()


def _clear_for_restart(launch: Launch, tmux: Tmux) -> bool:
    """Remove the remains of an earlier start; False if it still runs or has run to its end."""
    session = tmux.sessions().get(session_name(launch.agent_id))
    unsaid = (launch.folder / UNSAID).exists()
    if exit_status(launch.folder) is not None:
        return False
    if session is not None and not session.dead and not unsaid:
        return False
    stop(launch.agent_id, tmux, grace=1.0)
    (launch.folder / EXIT).unlink(missing_ok=True)  # of the run that was ended just now
    return True


def _assignments(variables: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in variables.items()]
