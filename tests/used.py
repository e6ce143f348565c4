"""What an agent has used by its program's files, added up as the ledger does."""

from pathlib import Path

from hephaestus_core.costs.rules import by_key
from hephaestus_core.costs.views import Tokens
from hephaestus_worker.agent_programs.base import AgentProgram, Reading


def used(program: AgentProgram, folder: Path) -> Tokens:
    """Return all tokens that the program has noted so far."""
    return total(program.turns(folder, {}))


def total(reading: Reading) -> Tokens:
    """Return the tokens of a reading, each turn counted once."""
    return sum((turn.tokens for turn in by_key(reading.turns).values()), start=Tokens())
