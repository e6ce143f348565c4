"""What the suite has to know of each program; a new program means one more case."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hephaestus_worker.agent_programs.base import AgentProgram
from hephaestus_worker.terminal.environment import base_environment
from tests.integration.agents.conftest import Agent
from tests.model_server import ModelServer, ToolUse, turns

#: What an agent is told whose program was killed.
_GO_ON: Final = "Your program was ended and has been started again"


@dataclass(frozen=True)
class Say:
    """The agent says this and ends its turn."""

    text: str


@dataclass(frozen=True)
class Run:
    """The agent runs a shell command."""

    command: str


@dataclass(frozen=True)
class Read:
    """The agent reads a file, with the program's own tool for that if it has one."""

    file: Path


@dataclass(frozen=True)
class Call:
    """The agent calls one of the engine's tools."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


Use = Run | Read | Call
Step = Say | Use


class Case(ABC):
    """One program in the suite."""

    program: AgentProgram
    version: str
    model: str | None = None
    secrets: tuple[str, ...] = ()
    """What must never be seen on a screen, in a log or in an argument list."""
    cost: float | None = None
    """Dollars that one answer costs, for a program that reads its cost."""

    @property
    def name(self) -> str:
        return self.program.name

    @abstractmethod
    def environment(self, model: ModelServer, home: Path) -> dict[str, str]:
        """Return what the agent inherits; skips where the program cannot be installed.

        ``home`` is the user's home folder, which is empty.
        """

    @abstractmethod
    def plan(self, model: ModelServer, prompt: str, steps: Sequence[Step]) -> str:
        """Have the agent do these steps when it gets the prompt that is returned."""

    @abstractmethod
    def was_told(self, model: ModelServer, agent: Agent, text: str) -> bool:
        """Say whether the whole text has reached the agent, as its prompt or as a message."""

    @abstractmethod
    def remembers(self, model: ModelServer, log: str, prompt: str) -> bool:
        """Say whether an agent was told to go on, knowing its first prompt and what it did then.

        ``log`` is what it has shown since it was started again.
        """

    @abstractmethod
    def answers(self, model: ModelServer, agent: Agent) -> int:
        """Return how many answers the agent was given, each of 100 tokens in and 20 out."""


@dataclass(frozen=True)
class ModelCase(Case):
    """A program that asks a model: what it was told stands in its requests.

    Args:
        install: returns the folder to put on PATH; skips where that cannot be had.
        log_in: returns the variables that make the program ask the suite's model server, and give
            up at once where that refuses; may write to the user's home.
        tools: turns a step into the call of a tool, by the name that the program gives it.
        model: a model's name, where the program's own choice would behave differently.
        secrets: the keys that ``log_in`` gives.
    """

    program: AgentProgram
    version: str
    install: Callable[[], Path]
    log_in: Callable[[ModelServer, Path], dict[str, str]]
    tools: Callable[[Use], ToolUse]
    model: str | None = None
    secrets: tuple[str, ...] = ()
    cost: float | None = None

    def environment(self, model: ModelServer, home: Path) -> dict[str, str]:
        common = base_environment()
        path = f"{self.install()}:{common['PATH']}"
        return {**common, "PATH": path, "HOME": str(home), **self.log_in(model, home)}

    def plan(self, model: ModelServer, prompt: str, steps: Sequence[Step]) -> str:
        answers = [step.text if isinstance(step, Say) else self.tools(step) for step in steps]
        model.script = turns(*answers)
        return prompt

    def was_told(self, model: ModelServer, agent: Agent, text: str) -> bool:
        # An input line may make spaces of a tab, and nothing of space at the end.
        wanted = {text, text.strip(), text.replace("\t", "    ").strip()}
        said = (said for request in model.conversations() for said in request.texts())
        return any(form in heard for heard in said for form in wanted)

    def remembers(self, model: ModelServer, log: str, prompt: str) -> bool:
        said = [(request, request.texts("user")) for request in model.conversations()]
        told = [(r, texts) for r, texts in said if any(_GO_ON in text for text in texts)]
        return bool(told) and all(
            request.turn > 0 and any(prompt in text for text in texts) for request, texts in told
        )

    def answers(self, model: ModelServer, agent: Agent) -> int:
        return len(model.conversations())
