"""``hephaestus up | down | status | logs``: the local stack."""

import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.without_effect import warning_of
from hephaestus_sdk.cli.options import home_and_config, ports_and_timeout, settings_from

if TYPE_CHECKING:
    from hephaestus_core.contract.definitions.definition import WorkflowDefinition
    from hephaestus_sdk.runtime.stack import StackInfo
    from hephaestus_sdk.runtime.status import StackStatus


@click.command()
@home_and_config
@ports_and_timeout
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def up(
    *,
    home: Path | None,
    config: Path | None,
    port: int | None,
    ui_port: int | None,
    timeout: float,
    as_json: bool,
) -> None:
    """Start the local stack and wait until it is ready."""
    settings = settings_from(home, config, mcp_port=port, ui_port=ui_port)
    if (in_vain := warning_of(settings)) is not None:
        click.echo(f"Warning: {in_vain}", err=True)
    phases = None if settings.phases_folder is None else _phases(settings.phases_folder)
    from hephaestus_sdk.runtime import stack

    began = time.monotonic()
    info = stack.start(settings, timeout=timeout, progress=_show_progress)
    seconds = time.monotonic() - began
    registered = None if phases is None else _register(phases, info)
    if as_json:
        values = {"home": settings.home, **asdict(info), "seconds": seconds, "phases": registered}
        click.echo(json.dumps(values, default=str, indent=2))
        return
    if info.started_here:
        click.echo(f"Hephaestus is ready after {seconds:.1f} s.")
    else:
        click.echo("Hephaestus is already running.")
    if phases is not None:
        click.echo(f"Phases are registered as {registered}: {phases.name}.")
    _show_places(info.api_url, info.ui_url, settings.home, info.log_dir)
    if sys.stdout.isatty():
        _show_login(info)
    if info.api_url != settings.api_url:
        click.echo(
            f"It keeps the address that it was started with; for {settings.api_url} run "
            "'hephaestus down' first."
        )


@click.command()
@home_and_config
@click.option("--keep-agents", is_flag=True, help="Leave agents running for the next 'up'.")
@click.option(
    "--now", is_flag=True, help="Do not wait for short tasks in progress; save no work of agents."
)
@click.option(
    "--timeout",
    type=float,
    help="Seconds until all processes are killed.  [default: each process' own limit]",
)
def down(
    home: Path | None, config: Path | None, keep_agents: bool, now: bool, timeout: float | None
) -> None:
    """Stop the local stack and everything that it started.

    Its agents end and their work is saved; the next 'up' goes on with it.
    """
    settings = settings_from(home, config)
    from hephaestus_sdk.runtime import stack

    stopped = stack.stop(
        settings.home,
        graceful=not now,
        timeout=timeout,
        keep_agents=keep_agents,
        waiting=_show_waiting,
    )
    if not stopped and not keep_agents:
        _refuse_to_forget_agents(settings.home)
    click.echo("Hephaestus is stopped." if stopped else "Hephaestus was not running.")


@click.command()
@home_and_config
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(home: Path | None, config: Path | None, as_json: bool) -> None:
    """Show the processes of the stack; exit 9 if it is not running or not healthy."""
    settings = settings_from(home, config)
    from hephaestus_sdk.runtime import status as runtime_status

    found = runtime_status.read(settings.home)
    if as_json:
        click.echo(json.dumps(asdict(found), default=str, indent=2))
    else:
        _show_status(found)
    if found.state != "ready":
        sys.exit(9)


@click.command()
@click.argument("name", required=False)
@home_and_config
@click.option("--follow", "-f", is_flag=True, help="Continue with new lines.")
@click.option("--lines", "-n", type=click.IntRange(0), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def logs(
    *,
    name: str | None,
    home: Path | None,
    config: Path | None,
    follow: bool,
    lines: int,
    as_json: bool,
) -> None:
    """Show the logs of the newest session, of all processes or of NAME."""
    settings = settings_from(home, config)
    from hephaestus_sdk.runtime import log_files

    files = log_files.newest(settings.home, name)
    width = max(len(file.stem) for file in files)
    for file, line in log_files.lines(files, count=lines, follow=follow):
        if as_json:
            click.echo(json.dumps({"process": file.stem, "line": line}))
        else:
            click.echo(line if name else f"{file.stem:{width}} | {line}")


def _phases(folder: Path) -> "WorkflowDefinition":
    from hephaestus_sdk.definitions.registration import registered
    from hephaestus_sdk.errors import ConfigurationError, InvalidDefinitionError

    try:
        definition = registered(folder, None, None, None).single
    except InvalidDefinitionError as error:
        raise ConfigurationError(f"phases_folder: {error.message}", field="phases_folder") from None
    assert definition is not None
    return replace(definition, offered=True)


def _register(definition: "WorkflowDefinition", info: "StackInfo") -> str:
    from hephaestus_sdk.api.connecting import admin_token
    from hephaestus_sdk.client import HephaestusClient

    with HephaestusClient(info.api_url, admin_token(info.token_file)) as client:
        return client.register(definition).id


def _show_login(info: "StackInfo") -> None:
    from hephaestus_sdk.api.connecting import Address, admin_token
    from hephaestus_sdk.cli.connection import connect_to
    from hephaestus_sdk.cli.login import show_link

    with connect_to(Address(info.api_url, admin_token(info.token_file))) as client:
        show_link(client, info.ui_url, err=False)


def _show_progress(name: str, seconds: float) -> None:
    click.echo(f"  {name:<9} ready after {seconds:.2f} s", err=True)


def _refuse_to_forget_agents(home: Path) -> None:
    from hephaestus_sdk.runtime import kept_agents
    from hephaestus_sdk.runtime.errors import StackError

    if agents := kept_agents.found(home):
        raise StackError(
            f"Hephaestus was not running, but agents that it has left still are ({len(agents)}); "
            "'hephaestus up' takes them over, and then 'hephaestus down' saves their work and ends "
            "them."
        )


def _show_waiting(name: str) -> None:
    doing = "agents to end and their work to be saved" if name == "agents" else f"{name} to end"
    click.echo(f"  waiting for {doing}", err=True)


def _show_places(api_url: str | None, ui_url: str | None, home: Path, logs: Path | None) -> None:
    # The token itself stays in its file: what is printed here may end up in a log.
    token = HomeLayout(home).admin_token
    places = {"Browser": ui_url, "API": api_url, "Token": token, "Home": home, "Logs": logs}
    for label, place in places.items():
        click.echo(f"  {label:<8} {place}")


def _show_status(found: "StackStatus") -> None:
    if found.state == "stopped":
        click.echo(f"Hephaestus is not running in {found.home}; start it with 'hephaestus up'.")
        return
    click.echo(f"Hephaestus is {found.state}{_explained(found)}.")
    _show_places(found.api_url, found.ui_url, found.home, found.log_dir)
    click.echo(
        f"\n  {'process':<10} {'state':<9} {'pid':>8} {'restarts':>9} {'memory':>9} {'up':>9}"
    )
    for p in found.processes:
        memory = f"{p.memory_bytes / 2**20:.0f} MB" if p.memory_bytes else "-"
        click.echo(
            f"  {p.name:<10} {p.state:<9} {p.pid or '-':>8} {p.restarts:>9} {memory:>9} "
            f"{_duration(p.uptime_seconds):>9}"
        )
    if found.memory_bytes:
        click.echo(
            f"  {'in all':<10} {'':<9} {'':>8} {'':>9} {found.memory_bytes / 2**20:>6.0f} MB"
        )


def _explained(found: "StackStatus") -> str:
    if found.state == "unsupervised":
        return ": its supervisor was killed; 'hephaestus up' or 'hephaestus down' puts that right"
    if found.state == "degraded" and not found.healthy:
        return ": the API does not answer that it can serve"
    return ""


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m {rest}s" if minutes else f"{rest}s"
