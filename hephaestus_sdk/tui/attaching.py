"""Joining the terminal of an agent of this machine."""

import subprocess
from pathlib import Path

from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import Conflict
from hephaestus_sdk.runtime.terminals import attaching, is_here


def command(client: HephaestusClient, home: Path | None, agent_id: str | None) -> list[str]:
    """Return the command that joins the terminal of an agent.

    Args:
        client: the API.
        home: of the stack on this machine; None: it is elsewhere.
        agent_id: of the agent.

    Raises:
        Conflict: the agent has no terminal here; says where it is.
    """
    if agent_id is None:
        raise Conflict("no agent is at it")
    agent = client.agent(agent_id)
    session = agent.tmux_session
    if home is None or session is None or not is_here(home, session):
        raise Conflict(
            f"the agent has no terminal here: it ran on host {agent.host}, where "
            f"`hephaestus attach {agent.id[:8]}` joins it while it lives; `o` shows its output"
        )
    return attaching(home, session)


def join(argv: list[str]) -> None:
    """Run the command on this terminal until the person leaves it."""
    subprocess.run(argv, check=False)
