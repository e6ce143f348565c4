"""A program in the suite that the example of the documentation describes, and nothing else."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

from hephaestus_core.settings.program_settings import read_program
from hephaestus_worker.agent_programs.configured import ConfiguredProgram
from tests.agent_packages import CLAUDE_CODE, claude_code
from tests.integration.agents.conformance.case_claude import claude_tools
from tests.integration.agents.conformance.cases import ModelCase
from tests.model_server import ModelServer

KEY: Final = "glm-test-0123456789-abcdefghijklmnopqrstuvwxyz"

_DOCUMENT: Final = Path(__file__).parents[4] / "docs" / "agent-programs.md"
_EXAMPLE: Final = re.compile(r"^```yaml\n(agents:\n  programs:.*?)^```", re.MULTILINE | re.DOTALL)
_URL: Final = "https://api.z.ai/api/anthropic"


def described() -> dict[str, Any]:
    """Return the example, with the user's provider in the place of its own."""
    text = re.search(
        r"^```yaml\n(agents:\n  programs:.*?)^```", _DOCUMENT.read_text(), re.MULTILINE | re.DOTALL
    )
    assert text is not None, "the document has no example"
    assert _URL in text[1]
    example: dict[str, Any] = yaml.safe_load(text[1].replace(_URL, '"{env:MODEL_URL}"'))
    return example


def _program() -> ConfiguredProgram:
    settings, faults = read_program("glm", described()["agents"]["programs"]["glm"])
    assert settings is not None, faults
    return ConfiguredProgram(settings)


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    return {"GLM_API_KEY": KEY, "MODEL_URL": model.url, "CLAUDE_CODE_MAX_RETRIES": "0"}


CONFIGURED: Final = ModelCase(
    _program(), CLAUDE_CODE[1], claude_code, _log_in, claude_tools, secrets=(KEY,)
)
