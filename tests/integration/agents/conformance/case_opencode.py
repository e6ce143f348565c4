"""OpenCode in the suite: asks a provider that the user's own configuration names."""

import json
from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.opencode.program import OpenCodeProgram
from tests.agent_packages import OPENCODE, opencode
from tests.integration.agents.conformance.cases import ModelCase, Read, Run, Use
from tests.model_server import ModelServer, ToolUse

KEY: Final = "sk-local-0123456789-abcdefghijklmnopqrstuvwxyz"

_MODEL: Final = {
    "name": "Scripted",
    "tool_call": True,
    "limit": {"context": 200_000, "output": 32_000},
    "cost": {"input": 3, "output": 15},
}


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    folder = home / ".config" / "opencode"
    folder.mkdir(parents=True, exist_ok=True)
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "Local",
        "options": {"baseURL": f"{model.url}/v1", "apiKey": "{env:LOCAL_MODEL_KEY}"},
        "models": {"scripted": _MODEL},
    }
    config = {"model": "local/scripted", "provider": {"local": provider}}
    (folder / "opencode.json").write_text(json.dumps(config))
    # At its first start for a user it would fetch what plugins are written with.
    (home / ".npmrc").write_text("registry=http://127.0.0.1:1/\nfetch-retries=0\n")
    return {"LOCAL_MODEL_KEY": KEY, "OPENCODE_DISABLE_MODELS_FETCH": "1"}


def _tools(step: Use) -> ToolUse:
    if isinstance(step, Run):
        return ToolUse("bash", {"command": step.command, "description": "a command"})
    if isinstance(step, Read):
        return ToolUse("read", {"filePath": str(step.file)})
    return ToolUse(f"hephaestus_{step.tool}", step.arguments)


OPENCODE_CLI: Final = ModelCase(
    OpenCodeProgram(),
    OPENCODE[1],
    opencode,
    _log_in,
    _tools,
    secrets=(KEY,),
    cost=(100 * 3 + 20 * 15) / 1_000_000,
)
