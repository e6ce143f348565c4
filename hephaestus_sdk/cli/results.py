"""Commands about results of workflows."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json

if TYPE_CHECKING:
    from hephaestus_sdk.api.result_views import WorkflowResult
    from hephaestus_sdk.client import HephaestusClient


@click.command(cls=Command)
@click.argument("workflow_id", metavar="WORKFLOW")
@click.option(
    "--save",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Save the files of all results in a new FOLDER, each result in its own folder by its id.",
)
@json_option
@stack_options
def results(workflow_id: str, *, folder: Path | None, as_json: bool, **stack: Any) -> None:
    """List the results of WORKFLOW, oldest first, with their checks and files.

    Agents make these files: open them with the caution that strangers' files need.
    """
    with connect(**stack) as client:
        found = client.results(workflow_id)
        if folder is not None:
            _save(client, found, folder)
    if as_json:
        show_json(found)
        return
    for result in found:
        _show(result)


@click.command(cls=Command)
@click.argument("result_id", metavar="RESULT")
@click.option("--accept", is_flag=True, help="It is what the workflow was to come to.")
@click.option("--reject", is_flag=True, help="It is not; give the reason by --reason.")
@click.option("--reason", default="", help="For its author and for the record.")
@json_option
@stack_options
def judge(
    result_id: str, *, accept: bool, reject: bool, reason: str, as_json: bool, **stack: Any
) -> None:
    """Accept or reject RESULT in the place of its reviewer, who is stopped."""
    if accept == reject:
        raise click.UsageError("give either --accept or --reject")
    with connect(**stack) as client:
        judged = client.judge_result(result_id, passed=accept, feedback=reason)
    show_json(judged) if as_json else click.echo(f"the result is {judged.status}")


def _show(result: "WorkflowResult") -> None:
    click.echo(f"{result.id}  {result.status}, {result.outcome}: {plain(result.explanation)}")
    for check in result.checks:
        click.echo(f"  {check.status}: {plain(check.name)} {plain(check.says)}".rstrip())
    if result.awaits_proof:
        click.echo(f"  {', '.join(result.awaits_proof)}: waits for its author's report and proof")
    for file in result.files:
        click.echo(f"  {file.size:>10,} bytes  {plain(file.path)}")
    if result.feedback:
        click.echo(f"  {plain(result.feedback)}")


def _save(client: "HephaestusClient", found: "list[WorkflowResult]", folder: Path) -> None:
    try:
        folder.mkdir(parents=True)  # a new one holds no links that lead elsewhere
    except FileExistsError:
        raise click.UsageError(f"{folder} exists already; name a new folder") from None
    for result in found:
        for file in result.files:
            place = _place(folder / str(result.id), file.path)
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(client.result_file(file.id))
            except OSError as error:
                raise click.ClickException(f"{plain(file.path)} cannot be saved: {error}") from None


def _place(folder: Path, path: str) -> Path:
    """Return where a file is saved, always inside the folder."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or path.startswith("/"):
        raise click.ClickException(f"{plain(path)} leads out of {folder}")
    return folder.joinpath(*parts)
