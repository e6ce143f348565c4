"""``hephaestus definitions check --play``: a definition's prompts, and a run of scripted agents."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_sdk.api.summary import CompletionSummary
from hephaestus_sdk.cli.tables import show_table
from hephaestus_sdk.cli.terminal import show_lines
from hephaestus_sdk.config import Settings
from hephaestus_sdk.definitions.sample_values import sample_values
from hephaestus_sdk.errors import InvalidInput

#: Tokens of a prompt from which on an agent loses sight of its task.
MOST_TOKENS: Final = 4000
_PROMPTS: Final = "hephaestus_core.agents.prompt.print_samples"
_SCRIPTED: Final = "scripted"
#: Where scripted agents look for their scripts.
_SCRIPTS: Final = "agents"
_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Played:
    """How a definition played."""

    prompts: Sequence[Mapping[str, Any]]
    """Kind, phase, tokens and text of each."""
    run: CompletionSummary | None
    """None: it was not run."""
    wants_result: bool
    """The workflow's goal is an accepted result."""

    @property
    def well(self) -> bool:
        """Whether no prompt is too long, and the run reached the workflow's goal."""
        short = all(each["tokens"] <= MOST_TOKENS for each in self.prompts)
        return short and (self.run is None or self._reached_goal(self.run))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        run = None if self.run is None else self.run.to_dict()
        return {"prompts": list(self.prompts), "run": run}

    def show(self) -> None:
        """Print a line for each prompt, and the summary of the run."""
        show_table(
            ("prompt", "phase", "tokens"),
            [
                (each["kind"], each["phase"] or "", f"{each['tokens']}{_too_long(each)}")
                for each in self.prompts
            ],
        )
        if self.run is not None:
            show_lines(str(self.run))

    def _reached_goal(self, run: CompletionSummary) -> bool:
        accepted = run.result is not None and run.result.validated
        return run.succeeded and (accepted or not self.wants_result)


def play(
    definition: WorkflowDefinition,
    given: Mapping[str, Any],
    *,
    project: Path | None,
    timeout: float,
) -> Played:
    """Build every prompt with sample values; with a project, run the workflow on a copy of it.

    Args:
        given: launch parameters; the others get sample values.
        project: a folder with the scripts of the agents in ``agents/``.
        timeout: seconds for the run.

    Raises:
        InvalidInput: a parameter or the project cannot be used.
        TaskTimeoutError: the time is up.
    """
    values = sample_values(definition.launch_template, given)
    run = None if project is None else _run(definition, values, project, timeout)
    return Played(_prompts(definition, values), run, definition.config.has_result)


def _too_long(prompt: Mapping[str, Any]) -> str:
    return f" of at most {MOST_TOKENS}" if prompt["tokens"] > MOST_TOKENS else ""


def _prompts(definition: WorkflowDefinition, values: Mapping[str, Any]) -> Any:
    given = json.dumps({"definition": definition.to_dict(), "values": values})
    argv = [sys.executable, "-P", "-m", _PROMPTS]
    ended = subprocess.run(
        argv, input=given, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if ended.returncode != 0:
        fault = (ended.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise InvalidInput(f"the prompts cannot be built: {fault}", field="target")
    return json.loads(ended.stdout)


def _run(
    definition: WorkflowDefinition, values: Mapping[str, Any], project: Path, timeout: float
) -> CompletionSummary:
    from hephaestus_sdk.runtime import ports  # `--help` needs no runtime
    from hephaestus_sdk.sdk import HephaestusSDK

    if not (project / _SCRIPTS).is_dir():
        raise InvalidInput(f"{project} has no folder {_SCRIPTS}/ with scripts", field="scripts")
    if os.environ.get("HEPHAESTUS_URL"):
        raise InvalidInput(
            "a definition is played on a stack of its own: unset HEPHAESTUS_URL", field="scripts"
        )
    with tempfile.TemporaryDirectory(prefix="hephaestus-play-") as folder:
        copy = _repository(project, Path(folder) / "project")
        api = ports.choose()
        sdk = HephaestusSDK(
            workflow_definitions=[_by_scripts(definition)],
            config=Settings(),  # nothing of the user's own settings
            home=Path(folder) / "home",
            main_repo_path=str(copy),
            default_cli_tool=_SCRIPTED,
            mcp_port=api,
            ui_port=ports.choose(taken=[api]),
        )
        click.echo(f"Playing {definition.id} with scripted agents …", err=True)
        with sdk:
            workflow_id = sdk.start_workflow(definition.id, launch_params=values)
            return sdk.wait_for_completion(workflow_id, timeout)


def _by_scripts(definition: WorkflowDefinition) -> WorkflowDefinition:
    """Return the definition with no program but the scripted one."""
    phases = [
        replace(each, cli_tool=_SCRIPTED, cli_model=None, cli_fallback=None)
        for each in definition.phases
    ]
    return replace(definition, phases=phases)


def _repository(project: Path, copy: Path) -> Path:
    """Copy the project into a git repository of its own."""
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".git"))
    identity = ("-c", "user.name=Hephaestus", "-c", "user.email=hephaestus@localhost")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        (*identity, "commit", "--quiet", "--message=The project"),
    ):
        subprocess.run(["git", *command], cwd=copy, check=True, timeout=_SECONDS)
    return copy
