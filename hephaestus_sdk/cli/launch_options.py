"""Options of the commands that launch a workflow."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from hephaestus_core.contract.policies import CONFLICT_POLICIES
from hephaestus_sdk.errors import InvalidInput

Function = TypeVar("Function", bound=Callable[..., Any])


_OPTIONS = (
    click.option(
        "--param",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        help="A launch parameter; the value is taken literally.",
    ),
    click.option(
        "--param-file",
        "parameter_files",
        multiple=True,
        metavar="NAME=PATH",
        help="A launch parameter whose value is the text of a file.",
    ),
    click.option(
        "--title",
        help="One line that names the workflow; default: the first line of the description "
        "or parameters.",
    ),
    click.option("--description", help="Description of the workflow."),
    click.option("--repo", "main_repo_path", help="Repository; default: the current folder's."),
    click.option("--base-branch", help="Branch that work starts from and is delivered to."),
    click.option("--working-directory", help="Folder in which agents start."),
    click.option(
        "--conflicts",
        "conflict_resolution",
        type=click.Choice(CONFLICT_POLICIES),
        help="Policy for merge conflicts; default: the definition's, else the setting.",
    ),
    click.option(
        "--auto-merge/--no-auto-merge",
        default=None,
        help="Deliver accepted work to the base branch, or wait for `approve`.",
    ),
    click.option(
        "--setup-command",
        help="Makes a fresh worktree ready, such as 'npm ci'; default: the definition's, "
        "else the repository's setting.",
    ),
    click.option("--test-command", help="Runs all tests; default likewise."),
    click.option("--lint-command", help="Checks style; default likewise."),
    click.option(
        "--max-agents",
        type=click.IntRange(min=1),
        help="Most live agents of this workflow at once.",
    ),
    click.option(
        "--budget",
        type=float,
        metavar="DOLLARS",
        help="Most that its agents may use; then they are parked, and no other starts.",
    ),
)


def launch_options(function: Function) -> Function:
    """Add ``--param`` and what else a launch may say."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def wait_options(function: Function) -> Function:
    """Add ``--wait`` and ``--timeout``."""
    function = click.option("--timeout", type=float, help="Seconds to wait.")(function)
    return click.option(
        "--wait", is_flag=True, help="Wait for the end; exit 1 if the work did not end well."
    )(function)


def read_parameters(given: Iterable[str], files: Iterable[str] = ()) -> dict[str, str]:
    """Return launch parameters by name.

    Args:
        given: ``NAME=VALUE``. No value is a path, whatever it begins with: it may come from
            outside, and must not make us read a file.
        files: ``NAME=PATH``, of files that hold the value.

    Raises:
        InvalidInput: one without ``=``, one that stands there twice, or a file that cannot be
            read.
    """
    values: dict[str, str] = {}
    for option, wanted, items, read in (
        ("--param", "NAME=VALUE", given, _as_it_stands),
        ("--param-file", "NAME=PATH", files, _from_file),
    ):
        for item in items:
            name, equals, value = item.partition("=")
            if not equals or not name:
                raise InvalidInput(f"{option} {item!r}: write {wanted}", field="param")
            if name in values:
                raise InvalidInput(f"{option} {name} is given twice; leave one out", field=name)
            values[name] = read(name, value)
    return values


def _as_it_stands(_name: str, value: str) -> str:
    return value


def _from_file(name: str, path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"--param-file {name}: the file {path} cannot be read as text ({error})", field=name
        ) from error
