"""Invented token counts, for scripts that play an agent with costs."""

import json
import os
from collections.abc import Mapping
from typing import Any

from hephaestus_worker.scripted_agent.errors import StepError
from hephaestus_worker.scripted_agent.player import Player

FILE = "usage.jsonl"


def usage(player: Player, value: Any) -> None:
    """Note one turn, for example ``{input_tokens: 10, output_tokens: 5, model: claude-haiku-4-5}``.

    A model is a name from the price list, if the turn is to cost money.
    """
    if not isinstance(value, Mapping):
        raise StepError("The step usage needs token counts by name.")
    turn = {name: number if name == "model" else int(number) for name, number in value.items()}
    path = player.home / FILE
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(json.dumps({"id": os.urandom(16).hex(), **turn}) + "\n")


STEPS = {"usage": usage}
