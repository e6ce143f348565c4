"""Commands about tasks and the queue."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hephaestus_core.contract.ids import IdKind
from hephaestus_core.contract.kept_commits import in_words as kept_in_words
from hephaestus_core.contract.left_out import in_words
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.change_views import Diff
from hephaestus_sdk.api.views import Event, Task
from hephaestus_sdk.cli import hints
from hephaestus_sdk.cli.connection import connect, json_option, stack_options, waits
from hephaestus_sdk.cli.event_lines import Titles, show_event
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, ExitCode, show_fields, show_json
from hephaestus_sdk.cli.tables import NONE, show_table
from hephaestus_sdk.errors import InvalidPhaseError, TaskNotFoundError

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient

_OUT_OF_SIGHT = (
    "  It ran in a sandbox, without the logins and caches of your home. If it needs one, name the"
    " file in agents.readable of the host's settings."
)
PRIORITIES = click.Choice(["low", "medium", "high", "critical"])


@click.command(cls=Command)
@click.argument("text")
@click.option("--workflow", "workflow_id", required=True, help="Id of the workflow.")
@click.option("--phase", help="Number or name of the phase; default: the first.")
@click.option("--title", help="One line that names the task; default: the first line of TEXT.")
@click.option("--priority", type=PRIORITIES, default="medium", show_default=True)
@click.option("--after", multiple=True, help="Task that must be done first; may be repeated.")
@click.option("--beyond-limit", is_flag=True, help="Though its phase has most_tasks already.")
@click.option("--wait", is_flag=True, help="Wait until the task is done; exit 1 if it is not.")
@click.option("--timeout", type=float, help="Seconds to wait.")
@json_option
@stack_options
def submit(
    *,
    text: str,
    workflow_id: str,
    phase: str | None,
    title: str | None,
    priority: str,
    after: tuple[str, ...],
    beyond_limit: bool,
    wait: bool,
    timeout: float | None,
    as_json: bool,
    **stack: Any,
) -> None:
    """Create a task with TEXT as its description and print its id."""
    with connect(**stack) as client:
        task = client.create_task(
            workflow_id,
            text,
            _phase(client, workflow_id, phase),
            title=title,
            priority=priority,
            after=list(after) or None,
            beyond_limit=beyond_limit,
            created_by="command-line",
        )
        if task.duplicate:
            click.echo(plain(task.duplicate), err=True)
        if wait:
            task = waits(client).for_task(task.duplicate_of or task.id, timeout)
        show_json(task) if as_json else click.echo(task.id)
    if wait and task.status != TaskStatus.DONE:
        raise click.exceptions.Exit(ExitCode.NOT_WELL)


@click.command(cls=Command)
@click.option("--workflow", "workflow_id", help="Only tasks of this workflow.")
@click.option("--status", help="Only tasks with this status.")
@click.option("--phase", "phase_id", type=int, help="Only tasks of the phase with this number.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@json_option
@stack_options
def tasks(
    as_json: bool, url: str | None, token: str | None, home: Path | None, **wanted: Any
) -> None:
    """List tasks."""
    with connect(url, token, home) as client:
        found = client.tasks(**wanted)
    if as_json:
        show_json(found)
        return
    show_table(
        ("id", "condition", "title", "phase", "status", "priority", "attempt"),
        [(t.id, t.sign.shown, t.title, t.place, t.status, t.priority, t.attempt) for t in found],
        spare=("status", "priority", "attempt"),
        none=NONE,
    )


@click.command(cls=Command)
@click.argument("task_id")
@json_option
@stack_options
def task(task_id: str, as_json: bool, **stack: Any) -> None:
    """Show one task with its attempts."""
    with connect(**stack) as client:
        found = client.task(task_id)
    if as_json:
        show_json(found)
        return
    _show_task(found)


@click.command(cls=Command)
@click.argument("task_id")
@json_option
@stack_options
def timeline(task_id: str, as_json: bool, **stack: Any) -> None:
    """Print the events of a task, one per line."""
    items: list[Event] = []
    with connect(**stack) as client:
        while (part := client.timeline(task_id, after=items[-1].seq if items else 0)).items:
            items += part.items
        titles = Titles(client)
        for event in () if as_json else items:
            show_event(event, titles)
    if as_json:
        show_json(replace(part, items=tuple(items)))


@click.command(cls=Command)
@click.argument("subject_id", metavar="TASK_OR_WORKFLOW")
@json_option
@stack_options
def diff(subject_id: str, as_json: bool, **stack: Any) -> None:
    """Print the changes of a task or a workflow as a patch."""
    with connect(**stack) as client:
        found = _diff(client, subject_id)
    if as_json:
        show_json(found)
        return
    click.echo(plain(found.patch), nl=False)
    if found.commit is None:
        click.echo("no work was saved yet", err=True)
    elif found.truncated:
        told = f"{found.files} files, +{found.insertions} -{found.deletions}"
        whole = f"git diff {found.base} {found.commit}"
        click.echo(f"cut off; in all {told}: see the whole with `{whole}`", err=True)


@click.command(cls=Command)
@click.argument("task_id")
@json_option
@stack_options
def commits(task_id: str, as_json: bool, **stack: Any) -> None:
    """List the newest commits of a task, and whether the base branch holds them."""
    with connect(**stack) as client:
        found = client.task_commits(task_id)
    if as_json:
        show_json(found)
        return
    show_table(
        ("commit", "made", "author", "files", "lines", "delivered", "subject"),
        [
            (
                each.id[:12],
                each.at,
                each.author,
                each.files,
                f"+{each.insertions} -{each.deletions}",
                f"in {found.base_branch}" if each.in_base_branch else "no",
                each.subject,
            )
            for each in found.commits
        ],
        spare=("author", "files"),
    )
    if found.unread:
        click.echo(plain(found.unread), err=True)
    elif found.tip is None:
        click.echo("no work was saved yet", err=True)
    elif found.truncated:
        click.echo(f"there are more: `git log {found.base}..{found.tip}`", err=True)


@click.command(cls=Command)
@json_option
@stack_options
def queue(as_json: bool, **stack: Any) -> None:
    """Show the tasks that wait for a free slot, in the order in which they will start."""
    with connect(**stack) as client:
        found = client.queue()
    if as_json:
        show_json(found)
        return
    click.echo(
        f"{found.queued} queued, {found.running} running, "
        f"at most {found.max_concurrent_agents} agents at once"
    )
    show_table(
        ("position", "id", "condition", "title", "priority"),
        [(t.queue_position, t.id, t.sign.shown, t.title, t.priority) for t in found.items],
    )


@click.command(cls=Command)
@click.argument("task_id")
@click.option("--reason", help="Reason, for the event.")
@json_option
@stack_options
def cancel(task_id: str, reason: str | None, as_json: bool, **stack: Any) -> None:
    """Cancel a task; its agent is stopped and its work is kept."""
    _act(lambda client: client.cancel_task(task_id, reason), as_json, stack)


@click.command(cls=Command)
@click.argument("task_id")
@json_option
@stack_options
def restart(task_id: str, as_json: bool, **stack: Any) -> None:
    """Put an ended task (done, failed or cancelled) back into the queue for a new attempt."""
    _act(lambda client: client.restart_task(task_id), as_json, stack)


@click.command(cls=Command)
@click.argument("task_id")
@click.option("--of", required=True, help="The task of the same workflow that does the work.")
@click.option("--reason", help="Reason, for the event.")
@json_option
@stack_options
def duplicate(task_id: str, of: str, reason: str | None, as_json: bool, **stack: Any) -> None:
    """Withdraw a task whose work another one does; its agent is stopped, its work kept."""
    _act(lambda client: client.is_duplicate(task_id, of, reason), as_json, stack)


@click.command("not-duplicate", cls=Command)
@click.argument("task_id")
@json_option
@stack_options
def not_duplicate(task_id: str, as_json: bool, **stack: Any) -> None:
    """Let a duplicate run after all."""
    _act(lambda client: client.not_duplicate(task_id), as_json, stack)


@click.command(cls=Command)
@click.argument("task_id")
@json_option
@stack_options
def bump(task_id: str, as_json: bool, **stack: Any) -> None:
    """Start a queued task at once, even if that exceeds the limits."""
    _act(lambda client: client.bump_task(task_id), as_json, stack)


def _act(
    action: Callable[["HephaestusClient"], Task], as_json: bool, stack: dict[str, Any]
) -> None:
    with connect(**stack) as client:
        changed = action(client)
    show_json(changed) if as_json else click.echo(f"{changed.id} is {changed.status}")


def _diff(client: "HephaestusClient", subject_id: str) -> Diff:
    """Return the diff of the task with this id, or else of the workflow.

    Raises:
        NotFound: there is neither.
    """
    subject_id = client.full_id(subject_id, IdKind.TASK, IdKind.WORKFLOW)
    try:
        return client.task_diff(subject_id)
    except TaskNotFoundError:
        return client.workflow_diff(subject_id)


def _phase(client: "HephaestusClient", workflow_id: str, named: str | None) -> int:
    """Return the number of a phase that is given by number or name."""
    if named is not None and named.isdecimal():
        return int(named)
    phases = client.workflow(workflow_id).phases
    if named is None:
        return phases[0].id
    for phase in phases:
        if phase.name == named:
            return phase.id
    names = [phase.name for phase in phases]
    raise InvalidPhaseError(
        f"phase: {named!r} is not one of {', '.join(names)}{nearest(named, names)}",
        field="phase_id",
    )


def _show_task(task: Task) -> None:
    show_fields(
        {
            "id": task.id,
            "workflow": task.workflow_id,
            "phase": task.place,
            "status": task.status,
            "priority": f"{task.priority}{', bumped' if task.boosted else ''}",
            "title": task.title,
            "description": task.description,
            "done when": task.done_definition,
            "created": task.created_at,
            "created by": task.created_by_agent_id or task.created_by,
            "parent task": task.parent_task_id,
            "after": ", ".join(f"{each.id} ({each.status})" for each in task.after) or None,
            "duplicate of": task.duplicate_of,
            "related to": task.related_to,
            "alike": _alike(task),
            "hints": hints.in_words(task.hints),
            "queue position": task.queue_position,
            "completed": task.completed_at,
            "summary": task.summary,
            "nothing follows": task.nothing_follows,
            "failure": task.failure_class,
            "reason": task.failure_reason,
            "branch": task.branch,
            "merge": task.merge_commit,
        }
    )
    show_table(
        ("agent", "attempt", "host", "program", "status", "started", "ended", "failure"),
        [
            (
                a.id,
                a.attempt,
                a.host,
                a.program,
                a.condition,
                a.started_at,
                a.ended_at,
                a.failure_reason,
            )
            for a in task.attempts
        ],
        spare=("program", "started", "ended"),
    )
    for attempt in task.attempts:
        _show_left(attempt)


def _alike(task: Task) -> str | None:
    if task.similarity is None:
        return None
    return f"{task.similarity:.0%} of their words: {task.similarity_reason}"


def _show_left(by: Agent) -> None:
    """Print what an attempt leaves to be known: its set-up, and work outside its branch."""
    if by.setup:
        command = first_line(plain(by.setup.command), 80)
        kept = plain(by.setup.copied_from)
        copied = f", copied from that of {kept}" if kept else ""
        click.echo(f"set-up of attempt {by.attempt}: {command}: {by.setup.status}{copied}")
        if by.setup.contained and by.setup.status != "succeeded":
            click.echo(_OUT_OF_SIGHT)
    if by.lost_work:
        click.echo(f"lost: {plain(by.lost_work)}")
    if by.kept_commits:
        words = plain(kept_in_words(by.kept_commits))
        click.echo(
            f"not on the branch of attempt {by.attempt}: {words}; on host '{by.host}', fetch "
            f"refs/hephaestus/kept/{plain(by.branch or '')}/* of {plain(by.kept_in or '')}"
        )
    if by.left_out:
        words = plain(in_words(by.left_out))
        click.echo(f"not committed: {words}; on host '{by.host}' in {plain(by.left_out_in or '')}")
