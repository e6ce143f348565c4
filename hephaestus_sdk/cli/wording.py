"""Errors in the words of the command line: messages are written for callers of the SDK."""

import re
from typing import Final

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_sdk.cli.plain_text import plain

#: Parameter of the SDK: the option that sets it.
_OPTIONS: Final = {
    "home": "--home",
    "url": "--url",
    "token": "--token",
    "mcp_port": "--port",
    "ui_port": "--ui-port",
    "base_branch": "--base-branch",
}
#: Call of the SDK: the command that does it.
_COMMANDS: Final = {
    "start()": "hephaestus up",
    "get_tasks()": "hephaestus tasks",
    "list_workflows()": "hephaestus workflows",
    "list_workflow_definitions()": "hephaestus definitions",
    "client.agents()": "hephaestus agents",
    "is_healthy()": "hephaestus status",
}
_PARAMETER: Final = re.compile(r"\b([a-z_]+)=…")
_CALL: Final = re.compile(r"`([a-z_.]+\(\))`")


def told(error: HephaestusError) -> str:
    """Return an error's message, with options for parameters and commands for calls."""
    text = _PARAMETER.sub(lambda found: _OPTIONS.get(found[1], found[0]), plain(error.message))
    text = _CALL.sub(lambda found: f"`{_COMMANDS.get(found[1], found[1])}`", text)
    option = _OPTIONS.get(error.field or "")
    return text if option is None or option in text else f"{text} ({option})"
