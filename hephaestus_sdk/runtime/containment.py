"""Checks whether agents on this machine are contained, as its worker would try it."""

import json
import subprocess
import sys
from typing import Final

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.contract.statuses import Containment
from hephaestus_core.settings.config import Settings

_PROBE: Final = "hephaestus_worker.terminal.containment"
_SECONDS: Final = 60.0


def found(settings: Settings) -> tuple[bool, str]:
    """Return whether agents are contained, and a sentence with the obstacle and its remedy.

    Raises:
        ConfigurationError: `agents.sandbox` demands it, and this machine cannot.
        OSError, subprocess.SubprocessError: it could not be tried.
    """
    argv = [sys.executable, "-m", _PROBE, settings.agent_sandbox]
    said = subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout
    answer = json.loads(said)
    form = Containment(answer["containment"])
    contained = form == Containment.SANDBOX
    obstacle = f" ({answer['obstacle']})" if answer["obstacle"] else ""
    text = f"{form.sentence}{obstacle}"
    if settings.agent_sandbox == "bubblewrap" and not contained:
        raise ConfigurationError(f"agents.sandbox is `bubblewrap`, but: {text}")
    return contained, text
