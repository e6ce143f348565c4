"""What commands print, and the exit codes they end with."""

import json
import re
import warnings
from enum import IntEnum
from typing import Any, Final

import click

from hephaestus_sdk.api.decoding import encode
from hephaestus_sdk.cli.interrupts import Terminated
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.suggestions import SuggestingGroup
from hephaestus_sdk.cli.tables import cell
from hephaestus_sdk.cli.terminal import show_hanging
from hephaestus_sdk.cli.wording import told
from hephaestus_sdk.errors import (
    Conflict,
    Forbidden,
    HephaestusError,
    HephaestusStartupError,
    InvalidInput,
    NotFound,
    RateLimited,
    RepositoryError,
    TaskTimeoutError,
    Unauthenticated,
    Unavailable,
)

#: Control characters that JSON leaves as they are.
_REST_OF_CONTROLS: Final = re.compile(r"[\x7f-\x9f]")


class ExitCode(IntEnum):
    """How a client command ends. Numbers from 3 to 9 mean what they mean to ``hephaestus up``."""

    OK = 0
    #: The work ended, but not well: failed tasks, a result rejected or missing, a stop.
    NOT_WELL = 1
    #: An argument or value cannot be used; nothing was changed.
    BAD_INPUT = 2
    #: The stack at the URL does not answer.
    UNREACHABLE = 6
    #: No stack runs here.
    NOT_RUNNING = 9
    NOT_FOUND = 10
    #: The token is missing, wrong, or not enough.
    NOT_ALLOWED = 11
    #: The thing is in a state that does not allow this.
    CONFLICT = 12
    #: The work waits, since a budget is spent.
    BUDGET_SPENT = 13
    #: A wait ran out; the work goes on.
    TIMEOUT = 124
    INTERRUPTED = 130
    TERMINATED = 143


_EXITS: tuple[tuple[type[HephaestusError], ExitCode], ...] = (
    (TaskTimeoutError, ExitCode.TIMEOUT),
    (InvalidInput, ExitCode.BAD_INPUT),
    (RepositoryError, ExitCode.BAD_INPUT),
    (NotFound, ExitCode.NOT_FOUND),
    (Unauthenticated, ExitCode.NOT_ALLOWED),
    (Forbidden, ExitCode.NOT_ALLOWED),
    (RateLimited, ExitCode.NOT_ALLOWED),
    (Conflict, ExitCode.CONFLICT),
    (Unavailable, ExitCode.UNREACHABLE),
    (HephaestusStartupError, ExitCode.NOT_RUNNING),
)

EXIT_CODES_HELP = (
    "Exit codes: 0 success; 1 the work did not end well; 2 bad input; 3 to 9 as for `up` "
    "(6 the stack does not answer, 9 no stack runs); 10 not found; 11 not allowed; 12 the state "
    "does not allow this; 13 a budget is spent; 124 timeout; 130 interrupted; 143 terminated."
)


def exit_code(error: HephaestusError) -> int:
    """Return the code with which a command ends that met ``error``.

    A stack that did not start, or did not answer at the start, has the code of its own reason.
    """
    if isinstance(error, HephaestusStartupError) and isinstance(error.__cause__, HephaestusError):
        reason = getattr(error.__cause__, "exit_code", None)
        return reason if isinstance(reason, int) else exit_code(error.__cause__)
    return next((code for kind, code in _EXITS if isinstance(error, kind)), ExitCode.NOT_WELL)


class _Reporting(click.Command):
    """Reports our errors in one line and with their exit code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("epilog", EXIT_CODES_HELP)
        super().__init__(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _show_warning
                return super().invoke(ctx)
        except HephaestusError as error:
            click.echo(f"Error: {told(error)}", err=True)
            raise click.exceptions.Exit(exit_code(error)) from error
        except KeyboardInterrupt as error:
            click.echo(str(error) or "interrupted; work that was started goes on", err=True)
            ended = isinstance(error, Terminated)
            code = ExitCode.TERMINATED if ended else ExitCode.INTERRUPTED
            raise click.exceptions.Exit(code) from None


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    click.echo(f"Warning: {plain(str(message))}", err=True)


class Command(_Reporting):
    """A command of a stack's client."""


class CommandGroup(_Reporting, SuggestingGroup):
    """A command with others below it; without one of them it does something itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, invoke_without_command=True, **kwargs)


def show_json(value: Any) -> None:
    """Print a view, or a list of them, as JSON."""
    click.echo(_json(value, indent=2))


def show_line(value: Any) -> None:
    """Print a view as one line of JSON, at once."""
    click.echo(_json(value))


def show_fields(values: dict[str, Any]) -> None:
    """Print names with their values, one per line; those without a value are left out."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        if value not in (None, "", ()):
            show_hanging(f"{name:<{width}}  ", cell(value, limit=2000), head_style="dim")


def _json(value: Any, indent: int | None = None) -> str:
    text = json.dumps(encode(value), indent=indent, ensure_ascii=False)
    # JSON escapes the other control characters; some terminals obey these as well.
    return _REST_OF_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
