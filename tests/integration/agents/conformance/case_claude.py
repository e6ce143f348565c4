"""Claude Code in the suite."""

import json
from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.claude.program import ClaudeProgram
from tests.agent_packages import CLAUDE_CODE, claude_code
from tests.integration.agents.conformance.cases import ModelCase, Read, Run, Use
from tests.model_server import ModelServer, ToolUse

KEY: Final = "sk-ant-test-0123456789-abcdefghijklmnopqrstuvwxyz"
#: The token of a person's login.
LOGIN: Final = "sk-ant-oat01-login-of-a-person"


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    return {
        "ANTHROPIC_BASE_URL": model.url,
        "ANTHROPIC_API_KEY": KEY,
        "CLAUDE_CODE_MAX_RETRIES": "0",
    }


def log_in_person(home: Path) -> str:
    """Leave the login of a person in ``home`` and return its token."""
    folder = home / ".claude"
    folder.mkdir()
    oauth = {
        "accessToken": LOGIN,
        "refreshToken": "sk-ant-ort01-x",
        "expiresAt": 4_102_444_800_000,
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "max",
    }
    (folder / ".credentials.json").write_text(json.dumps({"claudeAiOauth": oauth}))
    return LOGIN


def claude_tools(step: Use) -> ToolUse:
    if isinstance(step, Run):
        return ToolUse("Bash", {"command": step.command, "description": "a command"})
    if isinstance(step, Read):
        return ToolUse("Read", {"file_path": str(step.file)})
    return ToolUse(f"mcp__hephaestus__{step.tool}", step.arguments)


CLAUDE: Final = ModelCase(
    ClaudeProgram(), CLAUDE_CODE[1], claude_code, _log_in, claude_tools, secrets=(KEY,)
)
