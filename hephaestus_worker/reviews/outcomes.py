"""Outcomes of checks in words for the agent whose work is checked."""

import re
from typing import Final

from hephaestus_core.contract.check_outcomes import OUTPUT_LIMIT, CheckOutcome, CheckStatus
from hephaestus_core.contract.definitions.criteria import TESTS, Check
from hephaestus_core.contract.left_out import plain_path
from hephaestus_core.contract.texts import plain
from hephaestus_worker.terminal.commands import Ended

#: Colours and moves of the cursor.
_CONTROL: Final = re.compile(r"\x1b\[[0-?]*+[ -/]*+[@-~]?")
#: Most characters of a command that an outcome shows.
_COMMAND_LIMIT: Final = 500
#: Most paths that a sentence names.
_NAMED: Final = 5
#: Targets that nobody reads as they are written.
_TARGETS: Final = {"**": "any", TESTS: "tests"}
_CANNOT_RUN: Final = (126, 127)
"""The statuses of a shell that could not start the command."""


def outcome(
    check: Check,
    status: CheckStatus,
    says: str = "",
    *,
    command: str = "",
    ended: Ended | None = None,
) -> CheckOutcome:
    """Return the outcome of a check, with the end of its command, if it ran one."""
    return CheckOutcome(
        check_type=check.check_type,
        name=check.description or _name(check),
        status=status,
        says=says,
        seconds=round(ended.seconds, 3) if ended else 0.0,
        exit_status=ended.exit_status if ended else None,
        command=plain(command)[:_COMMAND_LIMIT],
        output=readable(ended.output)[-OUTPUT_LIMIT:] if ended else "",
    )


def passed(check: Check, command: str = "", ended: Ended | None = None) -> CheckOutcome:
    return outcome(check, "passed", command=command, ended=ended)


def of_command(check: Check, command: str, ended: Ended, says: str) -> CheckOutcome:
    """Return the outcome of a check whose command did not end as it should.

    Args:
        says: the finding, if the command could be run and has ended by itself.
    """
    if ended.exit_status in _CANNOT_RUN:
        remedy = "Name one that the set-up installs, or correct it."
        return outcome(
            check, "error", f"The command could not be run. {remedy}", command=command, ended=ended
        )
    if ended.how == "timed out":
        says = (
            f"The command took longer than {check.timeout} s and was ended. Look for what hangs, "
            "or make it faster."
        )
    return outcome(check, "failed", says, command=command, ended=ended)


def readable(output: bytes) -> str:
    """Return output of a command as text that is safe to store and show."""
    return plain(_CONTROL.sub("", output.decode(errors="replace")))


def named(paths: list[str]) -> str:
    """Return the first of the paths, and how many more there are."""
    more = len(paths) - _NAMED
    shown = ", ".join(plain_path(path) for path in paths[:_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _name(check: Check) -> str:
    subject = check.command or ", ".join(_TARGETS.get(each, each) for each in check.target)
    kind = check.check_type.replace("_", " ")
    return f"{kind}: {plain(subject)[:_COMMAND_LIMIT]}" if subject else kind
