"""``hephaestus dev``: from a folder to a browser in which all workflows can be launched."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_sdk.cli.interrupts import terminable
from hephaestus_sdk.cli.login import show_link
from hephaestus_sdk.cli.options import home_and_config, ports_and_timeout
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command
from hephaestus_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from hephaestus_sdk.launching.project import Project
    from hephaestus_sdk.sdk import HephaestusSDK

#: Seconds between two looks whether somebody else has stopped the stack.
_LOOK: Final = 1.0


@click.command(cls=Command)
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder of the project; it is made if there is none.  [default: the current folder]",
)
@home_and_config
@ports_and_timeout
def dev(
    *,
    path: Path,
    home: Path | None,
    config: Path | None,
    port: int | None,
    ui_port: int | None,
    timeout: float,
) -> None:
    """Make a project ready and run a stack with all shipped workflows for it, until Ctrl-C.

    A project without a git repository gets one, with a first commit of the files that git does
    not ignore. A stack that runs already is joined, and left running.
    """
    if os.environ.get("HEPHAESTUS_URL"):
        raise ConfigurationError(
            "HEPHAESTUS_URL names another stack, and this command runs one here: unset it"
        )
    from hephaestus_sdk.definitions.loading import shipped_definitions
    from hephaestus_sdk.launching.project import prepared
    from hephaestus_sdk.sdk import HephaestusSDK  # `--help` needs no HTTP

    project = prepared(path)
    _show_project(project)
    definitions = shipped_definitions()
    given: dict[str, Any] = {"home": home, "mcp_port": port, "ui_port": ui_port}
    sdk = HephaestusSDK(
        workflow_definitions=definitions,
        config=config,
        main_repo_path=str(project.repository),
        working_directory=str(project.folder),
        **{name: value for name, value in given.items() if value is not None},
    )
    with terminable():
        _tell_if_joined(sdk)
        sdk.start(timeout)
        try:
            _show(sdk, definitions)
            _wait(sdk)
        except KeyboardInterrupt as ended:
            if type(ended) is not KeyboardInterrupt:
                raise  # a signal, whose exit code says so
        finally:
            sdk.shutdown()
    click.echo("Hephaestus is stopped." if sdk.stopped_its_stack else "The stack runs on.")


def _show_project(project: "Project") -> None:
    made = f": {', '.join(project.made)}" if project.made else ""
    click.echo(f"Project {plain(str(project.folder))}{made}.")


def _tell_if_joined(sdk: "HephaestusSDK") -> None:
    """Say of a stack that runs already that its form proposes its own repository."""
    from hephaestus_sdk.runtime.home import Home
    from hephaestus_sdk.stack.foreign_stack import settings_of_running

    home, wanted = sdk.settings.home, sdk.settings.repository
    if not Home(home).is_supervised():
        return
    running = settings_of_running(home)
    if running is None or running.repository != wanted:
        click.echo(f"A stack runs already: give it {wanted} as the repository when you launch.")


def _show(sdk: "HephaestusSDK", definitions: Sequence[WorkflowDefinition]) -> None:
    from hephaestus_sdk.runtime import status

    ui_url = status.read(sdk.settings.home).ui_url or sdk.url
    click.echo("Hephaestus is ready. These workflows can be launched in the browser:")
    width = max(len(each.id) for each in definitions)
    for each in definitions:
        click.echo(f"  {each.id:{width}}  {each.name}")
    click.echo(f"Browser {ui_url}")
    if sys.stdout.isatty():
        show_link(sdk.client, ui_url, err=False)
    else:  # what is printed here may end up in a log, where no link that logs in belongs
        click.echo("`hephaestus open` opens it, logged in.")
    click.echo("Ctrl-C ends this.")


def _wait(sdk: "HephaestusSDK") -> None:
    """Return when somebody else has stopped the stack; Ctrl-C and signals raise."""
    from hephaestus_sdk.runtime.home import Home

    while Home(sdk.settings.home).is_supervised():
        time.sleep(_LOOK)
