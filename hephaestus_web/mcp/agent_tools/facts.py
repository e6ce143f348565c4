"""Tools about the repository that the agents work on."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from hephaestus_core.agents import facts_of_agents
from hephaestus_core.facts.rules import FactView
from hephaestus_web.mcp.identity import CallContext, agent_door

ShellCommand = Annotated[
    str, Field(description="Shell command that you ran with success; empty: as it is.")
]


@dataclass(frozen=True)
class Facts:
    """The facts that count now; those of the launch and of people stay as they are."""

    facts: list[FactView]


def record_facts(
    context: CallContext,
    setup_command: ShellCommand = "",
    test_command: ShellCommand = "",
    lint_command: ShellCommand = "",
    build_command: ShellCommand = "",
    notes: Annotated[
        str, Field(description="What else a newcomer has to know; replaces earlier notes.")
    ] = "",
) -> Facts:
    """Record facts of the caller's repository."""
    own = agent_door(context)
    given = {
        "setup_command": setup_command,
        "test_command": test_command,
        "lint_command": lint_command,
        "build_command": build_command,
        "notes": notes,
    }
    values = {name: value for name, value in given.items() if value}
    return Facts(facts_of_agents.record_facts(own.database, own.agent_id, values))
