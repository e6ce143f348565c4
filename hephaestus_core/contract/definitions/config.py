"""The end of a workflow: its result, and the effect of an accepted result."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_core.contract.policies import CONFLICT_POLICIES, ON_RESULT_FOUND

#: The criteria for judging a result if ``result_criteria`` names none.
DEFAULT_RESULT_CRITERIA: Final = (
    "The goal in the workflow's description is reached, the done definitions of its phases are "
    "met, and commands that were run show both."
)

#: The commands of a repository that a definition may name.
_COMMANDS: Final = ("setup_command", "test_command", "lint_command", "delivery_check")


@dataclass(frozen=True)
class WorkflowConfig:
    """Whether a workflow ends in a result, and the effect of an accepted result."""

    has_result: bool = False
    """Whether the workflow stays incomplete and undelivered until a result is accepted.
    Otherwise results are optional; they are judged all the same."""
    result_criteria: str | None = None
    """The criteria for a submitted result; default: :data:`DEFAULT_RESULT_CRITERIA`."""
    result_checks: list[Check] = field(default_factory=list)
    """Checks that the system runs before anybody judges a result."""
    on_result_found: str = "do_nothing"
    """The effect of an accepted result: ``stop_all`` stops every task, ``complete`` closes the
    workflow, ``do_nothing`` lets it continue.
    """
    on_result_rejected: int | None = None
    """The phase of the task that a rejected result makes; default: none is made."""
    conflict_resolution: str | None = None
    """The policy of its launches; default: the setting ``conflict_resolution``."""
    setup_command: str = ""
    """Makes a fresh worktree ready, such as ``npm ci``; default: the repository's setting."""
    test_command: str = ""
    """Runs all tests; default: the repository's setting, else what agents record."""
    lint_command: str = ""
    """Checks style; default: as ``test_command``."""
    delivery_check: str = "test_command"
    """The command that must succeed on the merged state before it is delivered;
    ``test_command`` names that field, and the empty text means none."""
    enable_tickets: bool = False
    """Stored; a later version acts on it."""
    board_config: dict[str, Any] | None = None
    """Stored; a later version acts on it."""
    cli_fallback: list[str] | None = None
    """The fallback programs for phases that name none; see ``Phase``."""

    def __post_init__(self) -> None:
        checks.absent_to_default(self)
        criteria = checks.optional_text(self.result_criteria, "result_criteria")
        board, fallback = self.board_config, self.cli_fallback
        checks.put(
            self,
            has_result=checks.flag(self.has_result, "has_result"),
            result_criteria=DEFAULT_RESULT_CRITERIA
            if self.has_result and criteria is None
            else criteria,
            result_checks=checks.all_built(Check, self.result_checks, "result_checks"),
            on_result_found=checks.one_of(self.on_result_found, "on_result_found", ON_RESULT_FOUND),
            on_result_rejected=None
            if self.on_result_rejected is None
            else checks.whole(self.on_result_rejected, "on_result_rejected", least=0, most=2**53),
            conflict_resolution=None
            if self.conflict_resolution is None
            else checks.one_of(self.conflict_resolution, "conflict_resolution", CONFLICT_POLICIES),
            **{name: checks.text(getattr(self, name), name) for name in _COMMANDS},
            enable_tickets=checks.flag(self.enable_tickets, "enable_tickets"),
            board_config=None if board is None else checks.json_object(board, "board_config"),
            cli_fallback=None if fallback is None else checks.words(fallback, "cli_fallback"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "WorkflowConfig":
        """Build from the JSON shape; see ``WorkflowDefinition.from_dict``."""
        values = checks.arguments(cls, data, strict=strict)
        if values.get("result_checks") is not None:
            values["result_checks"] = checks.all_built(
                Check, values["result_checks"], "result_checks", strict=strict
            )
        return cls(**values)

    def check_programs(self, known: Collection[str]) -> None:
        """Check that every fallback program is known.

        Raises:
            InvalidDefinitionError: a program is unknown; the message names the nearest.
        """
        checks.known_fallbacks(self.cli_fallback, "cli_fallback", known)
