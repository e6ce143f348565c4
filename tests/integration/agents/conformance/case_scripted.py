"""The scripted agent in the suite: its steps are in its prompt, and it tells what it heard."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hephaestus_worker.agent_programs.scripted import ScriptedProgram
from hephaestus_worker.terminal.environment import base_environment
from hephaestus_worker.terminal.tmux import plain_text
from tests.integration.agents.conformance.cases import Case, Read, Run, Say, Step
from tests.integration.agents.conftest import Agent
from tests.model_server import ModelServer

_TOKENS = {"usage": {"input_tokens": 100, "output_tokens": 20}}


class ScriptedCase(Case):
    """The agent waits for a message wherever another would end its turn."""

    program = ScriptedProgram()
    version = ""

    def environment(self, model: ModelServer, home: Path) -> dict[str, str]:
        return {**base_environment(), "HOME": str(home)}

    def plan(self, model: ModelServer, prompt: str, steps: Sequence[Step]) -> str:
        script = json.dumps([played for step in steps for played in _played(step)])
        return f"{prompt}\n```script\n{script}\n```\n"

    def was_told(self, model: ModelServer, agent: Agent, text: str) -> bool:
        digests = {hashlib.sha256(form.encode()).hexdigest() for form in (text, plain_text(text))}
        return any(f"sha256={digest}" in agent.log for digest in digests)

    def remembers(self, model: ModelServer, log: str, prompt: str) -> bool:
        # Of its three commands it had finished the first.
        return log.count("[step] run") == 2

    def answers(self, model: ModelServer, agent: Agent) -> int:
        return agent.log.count("[step] usage")


def _played(step: Step) -> list[dict[str, Any]]:
    if isinstance(step, Say):
        return [_TOKENS, {"say": step.text}, {"wait_for_message": None}]
    if isinstance(step, Run):
        return [_TOKENS, {"run": step.command}]
    if isinstance(step, Read):
        return [_TOKENS, {"run": f"cat '{step.file}'"}]
    return [_TOKENS, {"call": {"tool": step.tool, "arguments": dict(step.arguments)}}]


SCRIPTED: Final = ScriptedCase()
