"""Droid in the suite: without a login, by its ``exec``, with a model of the user's own."""

import json
from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.droid.program import DroidProgram
from tests.agent_packages import DROID, droid
from tests.integration.agents.conformance.cases import ModelCase, Read, Run, Use
from tests.model_server import ModelServer, ToolUse

KEY: Final = "sk-local-0123456789-abcdefghijklmnopqrstuvwxyz"


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    folder = home / ".factory"
    folder.mkdir(exist_ok=True)
    own = {
        "model": "scripted",
        "displayName": "My own",
        "baseUrl": model.url,
        "apiKey": "${LOCAL_MODEL_KEY}",
        "provider": "anthropic",
        "maxOutputTokens": 8192,
    }
    (folder / "settings.json").write_text(json.dumps({"customModels": [own]}))
    return {"LOCAL_MODEL_KEY": KEY}


def _tools(step: Use) -> ToolUse:
    if isinstance(step, Run):
        return ToolUse("Execute", {"command": step.command, "summary": "a command"})
    if isinstance(step, Read):
        return ToolUse("Read", {"file_path": str(step.file)})
    return ToolUse(f"hephaestus___{step.tool}", step.arguments)


DROID_EXEC: Final = ModelCase(DroidProgram(), DROID[1], droid, _log_in, _tools, secrets=(KEY,))
