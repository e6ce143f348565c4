"""How a workflow ends: its result, and what happens when one is accepted."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.policies import ON_RESULT_FOUND

#: Stands in for ``result_criteria`` where a result is judged and no criteria are named.
DEFAULT_RESULT_CRITERIA: Final = (
    "The goal in the workflow's description is reached, the done definitions of its phases are "
    "met, and commands that were run show both."
)


@dataclass(frozen=True)
class WorkflowConfig:
    """Whether a workflow ends in a result, and what happens when one is accepted."""

    has_result: bool = False
    """Whether the workflow is incomplete, and nothing delivered, before a result is accepted.
    Without it the workflow takes results, which are judged too, and needs none."""
    result_criteria: str | None = None
    """What a submitted result is judged by; default: :data:`DEFAULT_RESULT_CRITERIA`."""
    on_result_found: str = "do_nothing"
    """``stop_all`` stops every task, ``complete`` closes the workflow, ``do_nothing`` goes on."""
    enable_tickets: bool = False
    """Stored; a later version acts on it."""
    board_config: dict[str, Any] | None = None
    """Stored; a later version acts on it."""
    cli_fallback: list[str] | None = None
    """What stands in for a program, for phases that say nothing; see ``Phase``."""

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
            on_result_found=checks.one_of(self.on_result_found, "on_result_found", ON_RESULT_FOUND),
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
        return cls(**checks.arguments(cls, data, strict=strict))

    def check_programs(self, known: Collection[str]) -> None:
        """Return if every program that stands in is known.

        Raises:
            InvalidDefinitionError: one is not; names the nearest.
        """
        checks.known_fallbacks(self.cli_fallback, "cli_fallback", known)
