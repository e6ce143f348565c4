"""Commands about agents."""

import os
import shutil
from pathlib import Path
from typing import Any

import click

from hephaestus_core.contract.errors import Conflict
from hephaestus_core.settings.config import load_settings
from hephaestus_sdk.api.agent_views import Agent, Trajectory, Watch
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, CommandGroup, show_fields, show_json, show_line
from hephaestus_sdk.cli.tables import NONE, cell, show_table
from hephaestus_sdk.runtime.terminals import attaching


@click.group(cls=CommandGroup)
@click.option("--workflow", "workflow_id", help="Only agents of this workflow.")
@click.option("--all", "everyone", is_flag=True, help="Also agents that have ended.")
@json_option
@stack_options
@click.pass_context
def agents(
    context: click.Context,
    /,
    workflow_id: str | None,
    everyone: bool,
    as_json: bool,
    **stack: Any,
) -> None:
    """List agents."""
    if context.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        found = client.agents(workflow_id=workflow_id, live=not everyone)
    if as_json:
        show_json(found)
        return
    show_table(
        (
            *("id", "condition", "task", "status", "attempt", "host", "program", "started"),
            *("last action", "silent"),
        ),
        [
            (
                *(a.id, a.sign.shown, a.task_title or a.task_id, a.condition, _attempt(a), a.host),
                *(_program(a), a.started_at, last_action(a.watch)),
                a.watch.silent_since if a.watch else None,
            )
            for a in found
        ],
        spare=("status", "attempt", "program", "started", "last action"),
        none=NONE,
    )


def _attempt(agent: Agent) -> str:
    return f"{agent.attempt}, resumed" if agent.resumes_id else str(agent.attempt)


def last_action(watch: Watch | None) -> str:
    """Return an agent's last action, and how often it was taken in a row; "" if none is known."""
    if watch is None or not watch.last_tool:
        return ""
    return f"{watch.last_tool} ({watch.repeats}x)" if watch.repeats > 1 else watch.last_tool


def _program(agent: Agent) -> str:
    instead = f" (for {agent.stands_in_for})" if agent.stands_in_for else ""
    return f"{agent.program}{instead}"


@agents.command(cls=Command)
@click.argument("agent_id")
@json_option
@stack_options
def show(agent_id: str, as_json: bool, **stack: Any) -> None:
    """Show one agent, with what the Guardian last saw of it."""
    with connect(**stack) as client:
        found = client.agent(agent_id)
    if as_json:
        show_json(found)
        return
    show_fields(
        {
            "agent": found.id,
            "condition": found.sign.shown,
            "task": found.task_id,
            "title": found.task_title,
            "attempt": _attempt(found),
            "host": found.host,
            "program": _program(found),
            "model": found.model,
            "status": found.condition,
            "started": found.started_at,
            "ended": found.ended_at,
            "branch": found.branch,
            "failure": found.failure_reason,
            "fine until": found.fine_until and f"{cell(found.fine_until)}, says {found.fine_by}",
            **_watched(found.watch),
            **_judged(found.trajectory),
        }
    )


def _watched(watch: Watch | None) -> dict[str, Any]:
    if watch is None:
        return {}
    return {
        "verdict": watch.verdict,
        "evidence": "; ".join(watch.evidence),
        "last action": last_action(watch),
        "silent since": watch.silent_since,
    }


def _judged(trajectory: Trajectory | None) -> dict[str, Any]:
    if trajectory is None:
        return {}
    steering = f"{trajectory.steering_type}: {trajectory.steering_text}"
    return {
        "judged": trajectory.asked_at,
        "alignment": f"{trajectory.alignment:.2f}",
        "stage": trajectory.stage,
        "focus": trajectory.focus,
        "progress": trajectory.progress,
        "issues": "; ".join(trajectory.issues),
        "constraints": "; ".join(trajectory.constraints),
        "lifted": "; ".join(trajectory.lifted),
        "needs steering": steering if trajectory.needs_steering else None,
    }


@agents.command(cls=Command)
@click.argument("agent_id")
@click.option("--reason", help="Reason, for the event.")
@json_option
@stack_options
def stop(agent_id: str, reason: str | None, as_json: bool, **stack: Any) -> None:
    """Stop an agent; its work is saved and its task fails until you restart it."""
    with connect(**stack) as client:
        stopped = client.stop_agent(agent_id, reason)
    show_json(stopped) if as_json else click.echo(f"{stopped.id} is {stopped.condition}")


@agents.command(cls=Command)
@click.argument("agent_id")
@json_option
@stack_options
def restart(agent_id: str, as_json: bool, **stack: Any) -> None:
    """End an agent at work; another attempt begins from its last saved commit, anew."""
    with connect(**stack) as client:
        agent = client.restart_agent(agent_id)
    show_json(agent) if as_json else click.echo(f"{agent.id} is {agent.condition}")


@agents.command(cls=Command)
@click.argument("agent_id")
@click.option(
    "--minutes",
    type=click.FloatRange(0, 1440),
    default=30.0,
    show_default=True,
    help="For how long; 0 ends it.",
)
@click.option("--undo", is_flag=True, help="Have it watched again, as 0 minutes do.")
@json_option
@stack_options
def fine(agent_id: str, minutes: float, undo: bool, as_json: bool, **stack: Any) -> None:
    """Have the Guardian neither steer nor end an agent for a while, as it is fine."""
    with connect(**stack) as client:
        agent = client.call_fine(agent_id, 0 if undo else minutes)
    until = f"fine until {agent.fine_until:%H:%M:%S} UTC" if agent.fine_until else "watched again"
    show_json(agent) if as_json else click.echo(f"{agent.id} is {until}")


@click.command(cls=Command)
@click.argument("agent_id")
@click.argument("text")
@click.option("--interrupt", is_flag=True, help="End its turn first, where its program can be.")
@json_option
@stack_options
def message(agent_id: str, text: str, interrupt: bool, as_json: bool, **stack: Any) -> None:
    """Send TEXT to an agent, as plain text."""
    with connect(**stack) as client:
        sent = client.send_message(agent_id, text, interrupt=interrupt)
    show_json(sent) if as_json else click.echo(f"sent to {agent_id}")


@click.command(cls=Command)
@click.option("--workflow", "workflow_id", help="Only messages in this workflow.")
@click.option("--agent", "agent_id", help="Only messages from or to this agent.")
@json_option
@stack_options
def messages(workflow_id: str | None, agent_id: str | None, as_json: bool, **stack: Any) -> None:
    """List the newest 100 messages to agents with their receipts, newest first."""
    with connect(**stack) as client:
        found = client.messages(workflow_id=workflow_id, agent_id=agent_id)
    if as_json:
        show_json(found)
        return
    show_table(
        ("sent", "from", "agent", "status", "text"),
        [(m.created_at, m.sender, m.recipient_agent_id, m.status, m.text) for m in found],
        none=NONE,
    )


@click.command(cls=Command)
@click.argument("agent_id")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Byte to begin at.")
@click.option("--follow", "-f", is_flag=True, help="Continue with new output until the agent ends.")
@json_option
@stack_options
def output(agent_id: str, offset: int, follow: bool, as_json: bool, **stack: Any) -> None:
    """Print the output of an agent's terminal as plain text, from any machine.

    Of agents on other machines the last 256 KiB can be read. With --json one part is printed, or
    with --follow each part on a line of its own.
    """
    with connect(**stack) as client:
        parts = client.follow_output if follow else client.output_so_far
        for part in parts(agent_id, offset=offset):
            if not as_json:
                click.echo(plain(part.text), nl=False)
            elif follow:
                show_line(part)
            else:
                show_json(part)
                return


@click.command(cls=Command)
@click.argument("agent_id")
@click.option("--home", type=click.Path(path_type=Path), help="Home of the stack on this machine.")
def attach(agent_id: str, home: Path | None) -> None:
    """Join an agent's terminal, on the agent's machine; leave with Ctrl-B D."""
    settings = load_settings(overrides={"home": home} if home else {})
    with connect(url=None, token=None, home=settings.home) as client:
        session = client.agent(agent_id).tmux_session
    if session is None or shutil.which("tmux") is None:
        raise Conflict(
            f"Agent {agent_id} has no terminal here; run `hephaestus output {agent_id}`."
        )
    os.execvp("tmux", attaching(settings.home, session))
