"""Invented token counts, for scripts that play an agent with costs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hephaestus_worker.scripted_agent.errors import StepError
from hephaestus_worker.scripted_agent.player import Player
from hephaestus_worker.terminal.private_files import write_private

FILE = "usage.json"


def usage(player: Player, value: Any) -> None:
    """Add to this agent's token counts, for example ``{input_tokens: 10, output_tokens: 5}``."""
    if not isinstance(value, Mapping):
        raise StepError("The step usage needs token counts by name.")
    counts = read_usage(player.home)
    for name, number in value.items():
        counts[name] = counts.get(name, 0) + int(number)
    write_private(player.home / FILE, json.dumps(counts))


def read_usage(home: Path) -> dict[str, int]:
    """Return the counts so far, by name."""
    path = home / FILE
    return dict(json.loads(path.read_text())) if path.exists() else {}


STEPS = {"usage": usage}
