"""A program that is a shell script."""

from hephaestus_worker.agent_programs.base import Command, Launch
from hephaestus_worker.agent_programs.scripted import ScriptedProgram
from tests.integration.agents.conftest import Agent, MakeAgent


class ShellProgram(ScriptedProgram):
    """Runs a shell script that gets the prompt as its argument."""

    def __init__(self, script: str, **environment: str) -> None:
        self.script = script
        self.environment = environment

    def prepare(self, launch: Launch) -> Command:
        argv = ("/bin/sh", "-c", self.script, "sh")
        return Command(argv=argv, environment=self.environment, prompt_prefix="")


def play(make_agent: MakeAgent, script: str, prompt: str = "prompt", **changes: object) -> Agent:
    """Start an agent that runs the script."""
    agent = make_agent(ShellProgram(script), prompt, **changes)
    agent.start()
    return agent
