"""Commands about workflow definitions and workflows."""

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hephaestus_core.contract.conditions import Cause, Condition
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.ids import IdKind
from hephaestus_core.contract.limits import LIMITS
from hephaestus_sdk.api.connecting import given_address
from hephaestus_sdk.api.summary import CompletionSummary
from hephaestus_sdk.api.views import Event
from hephaestus_sdk.cli.connection import connect, json_option, stack_options, waits
from hephaestus_sdk.cli.deleting import delete
from hephaestus_sdk.cli.event_lines import Titles, show_event
from hephaestus_sdk.cli.interrupts import AbortedRun, terminable, uninterrupted
from hephaestus_sdk.cli.launch_options import launch_options, read_parameters, wait_options
from hephaestus_sdk.cli.login import show_link
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import (
    Command,
    CommandGroup,
    ExitCode,
    show_json,
    show_line,
)
from hephaestus_sdk.cli.tables import NONE, show_table
from hephaestus_sdk.cli.terminal import show_lines
from hephaestus_sdk.config import resolve_settings
from hephaestus_sdk.definitions.loading import load_definition
from hephaestus_sdk.errors import InvalidInput, NotFound
from hephaestus_sdk.launching.launches import Launches, filled, placed

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient

_RUN_REMEDY = "give one by --task"


@click.command(cls=Command)
@click.argument("definition_id", metavar="DEFINITION")
@click.option("--task", "text", help="Description of the first task, for definitions without one.")
@launch_options
@wait_options
@json_option
@stack_options
def launch(
    *,
    definition_id: str,
    text: str | None,
    parameters: tuple[str, ...],
    parameter_files: tuple[str, ...],
    wait: bool,
    timeout: float | None,
    as_json: bool,
    url: str | None,
    token: str | None,
    home: Path | None,
    **options: Any,
) -> None:
    """Start a workflow of DEFINITION on the running stack and print its id."""
    with connect(url, token, home) as client:
        definition = _known(client, definition_id)
        if text is None:
            _require_first_task(definition, _RUN_REMEDY)
        params = filled(definition, read_parameters(parameters, parameter_files))
        local = given_address(url, token) is None
        values = _launch_values(options, home, definition, local=local)
        workflow = client.start_workflow(definition.id, launch_params=params, task=text, **values)
        if not wait:
            show_json(workflow) if as_json else click.echo(workflow.id)
            return
        click.echo(workflow.id, err=True)
        summary = waits(client).for_completion([workflow.id], timeout, on_diagnosis=_tell)
    _end(summary, definition, as_json=as_json)


@click.command(cls=Command)
@click.argument("target", metavar="FILE_OR_DEFINITION")
@click.option("--task", "text", help="Description of the first task, for definitions without one.")
@click.option("--timeout", type=float, help="Seconds to wait; default: no limit.")
@click.option("--keep", is_flag=True, help="On an abort, do not stop the workflow.")
@launch_options
@json_option
@stack_options
def run(
    *,
    target: str,
    text: str | None,
    timeout: float | None,
    keep: bool,
    parameters: tuple[str, ...],
    parameter_files: tuple[str, ...],
    as_json: bool,
    url: str | None,
    token: str | None,
    home: Path | None,
    **options: Any,
) -> None:
    """Run a workflow to its end: start a stack if none runs, launch, wait, report.

    FILE_OR_DEFINITION is a Python, YAML or JSON file, a folder of phases, a module, or the id of
    a definition. Exit 0 when its result was accepted or, if there is to be none, all tasks are
    done; 13 when a budget is spent, so that its tasks wait. While the workflow stands still and an
    agent is to find out why, the run waits for that. When the time is up, or on Ctrl-C or SIGTERM,
    the workflow is stopped.
    """
    from hephaestus_sdk.sdk import HephaestusSDK  # `--help` needs no HTTP

    definition = load_definition(target)
    settings: dict[str, Any] = {} if home is None else {"home": home}
    if definition is not None and text is None:
        _require_first_task(definition, _RUN_REMEDY)
    known = [] if definition is None else [definition]
    sdk = HephaestusSDK(workflow_definitions=known, url=url, token=token, **settings)
    aborted = AbortedRun(sdk, keep=keep)
    with aborted.told(), terminable(), sdk:
        definition = definition or _known(sdk.client, target)
        if text is None:
            _require_first_task(definition, _RUN_REMEDY)
        params = filled(definition, read_parameters(parameters, parameter_files))
        with uninterrupted():  # else there might be a workflow that nobody knows the id of
            workflow_id = sdk.start_workflow(
                definition.id, launch_params=params, **_given({**options, "task": text})
            )
        with aborted.stopping(workflow_id):
            click.echo(workflow_id, err=True)
            if given_address(url, token) is None and sys.stderr.isatty():
                show_link(sdk.client, sdk.url, err=True)
            summary = sdk.wait_for_completion(workflow_id, timeout, on_diagnosis=_tell)
    _end(summary, definition, as_json=as_json)


@click.command(cls=Command)
@click.option("--status", help="Only workflows with this status.")
@click.option(
    "--condition",
    type=click.Choice([str(condition) for condition in Condition]),
    help="Only workflows in this condition.",
)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@stack_options
def workflows(
    *, status: str | None, condition: str | None, limit: int, as_json: bool, **stack: Any
) -> None:
    """List workflows, newest first, each with its condition and the reason."""
    with connect(**stack) as client:
        found = client.workflows(status=status, condition=condition, limit=limit)
    if as_json:
        show_json(found)
        return
    show_table(
        ("id", "condition", "title", "tasks", "definition", "created", "why"),
        [
            (
                item.id,
                item.standing,
                item.title,
                f"{item.done_tasks} of {item.total_tasks} done",
                item.definition_id,
                item.created_at,
                item.condition.reason,
            )
            for item in found
        ],
        spare=("definition", "created"),
        none=NONE,
    )


class _OneWorkflow(CommandGroup):
    """Shows the workflow where an id stands in the place of a command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoke_without_command = False
        self.no_args_is_help = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if not args or args[0] in known else ["show", *args])


@click.group(cls=_OneWorkflow)
def workflow() -> None:
    """Show one workflow: `workflow ID`; or delete it: `workflow delete ID`."""


workflow.add_command(delete)


@workflow.command(cls=Command)
@click.argument("workflow_id", metavar="WORKFLOW")
@json_option
@stack_options
def show(workflow_id: str, as_json: bool, **stack: Any) -> None:
    """Show WORKFLOW: its phases, tasks, failures, result, delivery and conflicts."""
    with connect(**stack) as client:
        summary = client.summary(workflow_id)
    show_json(summary) if as_json else show_lines(str(CompletionSummary(workflows=(summary,))))


@click.command(cls=Command)
@click.argument("workflow_id", required=False)
@click.option(
    "--after",
    type=int,
    help="Begin after the event with this number (see --json); 0: at the first event.",
)
@json_option
@stack_options
def watch(workflow_id: str | None, after: int | None, as_json: bool, **stack: Any) -> None:
    """Print events as they come, one sentence each, until interrupted.

    With a WORKFLOW_ID its events are printed from the beginning, and the command ends when the
    workflow is finished.
    """
    from hephaestus_sdk.waiting.events import EventCursor  # `--help` needs no HTTP

    with connect(**stack) as client:
        if workflow_id is not None:
            workflow_id = client.full_id(workflow_id, IdKind.WORKFLOW)
        cursor = EventCursor(client, workflow_id=workflow_id, after=after or 0)
        titles = Titles(client)
        if after is None and workflow_id is None:
            cursor.skip()
        for batch in cursor.batches():
            _show_events(batch, titles, as_json=as_json)
            if workflow_id is not None and client.summary(workflow_id).finished:
                # What came between that batch and the summary.
                for rest in cursor.batches(deadline=time.monotonic()):
                    _show_events(rest, titles, as_json=as_json)
                return


def _show_events(events: Iterable[Event], titles: Titles, *, as_json: bool) -> None:
    for event in events:
        show_line(event) if as_json else show_event(event, titles)


@click.command(cls=Command)
@click.argument("workflow_id")
@click.argument("text")
@click.option("--phase", "phase_id", type=int, help="Only agents at tasks of this phase.")
@json_option
@stack_options
def broadcast(
    workflow_id: str, text: str, phase_id: int | None, as_json: bool, **stack: Any
) -> None:
    """Send TEXT to every live agent of a workflow."""
    with connect(**stack) as client:
        sent = client.broadcast(workflow_id, text, phase_id=phase_id)
    show_json(sent) if as_json else click.echo(f"sent to {len(sent)} agents")


@click.command(cls=Command)
@click.argument("workflow_id")
@click.option("--reason", help="Reason, for the event.")
@json_option
@stack_options
def stop(workflow_id: str, reason: str | None, as_json: bool, **stack: Any) -> None:
    """Stop every task of a workflow and close it; finished work is kept."""
    with connect(**stack) as client:
        stopped = client.stop_workflow(workflow_id, reason)
    show_json(stopped) if as_json else click.echo(f"{stopped.id} is {stopped.status}")


@click.command(cls=Command)
@click.argument("workflow_id")
@click.option(
    "--commit",
    help="Only this one, as `diff` shows it: refused if there is other work by now.",
)
@json_option
@stack_options
def approve(workflow_id: str, commit: str | None, as_json: bool, **stack: Any) -> None:
    """Approve the delivery of a workflow that waits for approval to its base branch.

    If that branch was moved otherwise than forward, accept the move instead: held merges and a held
    delivery go on with the branch as it is now.
    """
    with connect(**stack) as client:
        approved = client.approve_workflow(workflow_id, commit)
    status = approved.delivery.status.replace("_", " ")
    show_json(approved) if as_json else click.echo(f"delivery: {status}")


@click.command(name="send-back", cls=Command)
@click.argument("workflow_id")
@click.argument("feedback")
@click.option("--commit", help="Refused if there is other work than this by now.")
@json_option
@stack_options
def send_back(
    workflow_id: str, feedback: str, commit: str | None, as_json: bool, **stack: Any
) -> None:
    """Send the work of a workflow that waits for its delivery back to be mended, as FEEDBACK says.

    A new task does that. The delivery waits for it, and for your next look.
    """
    with connect(**stack) as client:
        task = client.send_back_workflow(workflow_id, feedback, expected_commit=commit)
    show_json(task) if as_json else click.echo(f"task {task.id} mends it")


@click.command(cls=Command)
@click.argument("workflow_id")
@click.option("--tasks-per-workflow", type=click.IntRange(min=1), help="Most tasks.")
@click.option("--tasks-per-attempt", type=click.IntRange(min=1), help="Most tasks of one attempt.")
@click.option("--task-depth", type=click.IntRange(min=1), help="Most creations in a row.")
@click.option(
    "--messages-per-minute", type=click.IntRange(min=1), help="Most messages of one agent."
)
@click.option(
    "--tasks-per-diagnosis", type=click.IntRange(min=1), help="Most tasks of one diagnosis."
)
@click.option(
    "--diagnoses-per-workflow", type=click.IntRange(min=1), help="Most runs of the diagnostician."
)
@json_option
@stack_options
def limits(workflow_id: str, as_json: bool, **options: Any) -> None:
    """Show the limits of a workflow; with options, change them while it runs."""
    changes = {name: options.pop(name) for name in LIMITS}
    with connect(**options) as client:
        if any(most is not None for most in changes.values()):
            shown = client.change_limits(workflow_id, **changes)
        else:
            shown = client.workflow(workflow_id)
    if as_json:
        show_json(shown)
        return
    for name, most in shown.limits.items():
        click.echo(f"{name}: {most}{' (reached)' if name in shown.limits_reached else ''}")


def _known(client: "HephaestusClient", definition_id: str) -> WorkflowDefinition:
    """Return the stack's definition, registering a shipped one that it does not have yet."""
    try:
        return client.definition(definition_id)
    except NotFound:
        shipped = load_definition(definition_id)
        if shipped is None:
            raise
        return client.register(shipped)


def _require_first_task(definition: WorkflowDefinition, remedy: str) -> None:
    template = definition.launch_template
    if template is None or not template.phase_1_task_prompt:
        raise InvalidInput(
            f"definition {definition.id} makes no first task; {remedy}", field="task"
        )


def _launch_values(
    options: Mapping[str, Any], home: Path | None, definition: WorkflowDefinition, *, local: bool
) -> dict[str, Any]:
    """Return what a launch carries: the options that were given, else what the settings say."""
    given = _given(options)
    folder = given.pop("working_directory", None)
    settings = resolve_settings(None, {} if home is None else {"home": home})
    return Launches(local=local, explicit=frozenset()).options(
        placed(settings, local=local), folder, given, definition=definition
    )


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _tell(line: str) -> None:
    """Print a line about a wait, beside what a program reads."""
    click.echo(plain(line), err=True)


def _end(summary: CompletionSummary, definition: WorkflowDefinition, *, as_json: bool) -> None:
    """Print the summary and end with the code that tells how it went."""
    show_json(summary.to_dict()) if as_json else show_lines(str(summary))
    missing = definition.config.has_result and not (summary.result and summary.result.validated)
    if any(each.condition.cause == Cause.BUDGET for each in summary.workflows):
        raise click.exceptions.Exit(ExitCode.BUDGET_SPENT)
    if missing or not summary.succeeded:
        raise click.exceptions.Exit(ExitCode.NOT_WELL)
