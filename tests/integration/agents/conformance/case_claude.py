"""Claude Code in the suite."""

from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.claude.program import ClaudeProgram
from tests.agent_packages import CLAUDE_CODE, claude_code
from tests.integration.agents.conformance.cases import ModelCase, Read, Run, Use
from tests.model_server import ModelServer, ToolUse

KEY: Final = "sk-ant-test-0123456789-abcdefghijklmnopqrstuvwxyz"


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    return {
        "ANTHROPIC_BASE_URL": model.url,
        "ANTHROPIC_API_KEY": KEY,
        "CLAUDE_CODE_MAX_RETRIES": "0",
    }


def claude_tools(step: Use) -> ToolUse:
    if isinstance(step, Run):
        return ToolUse("Bash", {"command": step.command, "description": "a command"})
    if isinstance(step, Read):
        return ToolUse("Read", {"file_path": str(step.file)})
    return ToolUse(f"mcp__hephaestus__{step.tool}", step.arguments)


CLAUDE: Final = ModelCase(
    ClaudeProgram(), CLAUDE_CODE[1], claude_code, _log_in, claude_tools, secrets=(KEY,)
)
