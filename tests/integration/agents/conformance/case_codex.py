"""Codex in the suite: asks a provider that the user's own configuration names."""

from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.codex.program import CodexProgram
from tests.agent_packages import CODEX, codex
from tests.integration.agents.conformance.cases import ModelCase, Read, Run, Use
from tests.model_server import ModelServer, ToolUse

KEY: Final = "sk-local-0123456789-abcdefghijklmnopqrstuvwxyz"

_CONFIG = """\
model_provider = "local"

[model_providers.local]
name = "Local"
base_url = "{url}/v1"
env_key = "LOCAL_MODEL_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
"""


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    folder = home / ".codex"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(_CONFIG.format(url=model.url))
    return {"LOCAL_MODEL_KEY": KEY}


def _tools(step: Use) -> ToolUse:
    if isinstance(step, Read):
        step = Run(f"cat '{step.file}'")
    if isinstance(step, Run):
        # It goes on with its turn when that time is over, and the command in the background.
        return ToolUse("exec_command", {"cmd": step.command, "yield_time_ms": 30_000})
    return ToolUse(f"mcp__hephaestus__{step.tool}", step.arguments)


#: Known models run commands from JavaScript; one it does not know is offered plain tools.
CODEX_CLI: Final = ModelCase(
    CodexProgram(), CODEX[1], codex, _log_in, _tools, model="scripted", secrets=(KEY,)
)
