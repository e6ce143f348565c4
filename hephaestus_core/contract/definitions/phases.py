"""Phases: kinds of work, with instructions for their agents."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.folders import PATH_LIMIT, folder_inside
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, NAME_LIMIT

#: The greatest phase number: the greatest integer that every JSON parser keeps exact.
_GREATEST: Final = 2**53


@dataclass(frozen=True)
class ValidationCriteria:
    """The review of a phase's work by another agent before the work counts as done.

    Stored with the phase; a later version acts on it.
    """

    enabled: bool = False
    criteria: list[str | dict[str, Any]] = field(default_factory=list)
    """The criteria for the reviewer; if empty, the phase's done definitions."""
    validator_instructions: str = ""
    """Further instructions for the reviewer."""

    def __post_init__(self) -> None:
        checks.absent_to_default(self)
        given = checks.items(self.criteria, "criteria")
        checks.put(
            self,
            enabled=checks.flag(self.enabled, "enabled"),
            criteria=[_criterion(item, f"criteria[{n}]") for n, item in enumerate(given)],
            validator_instructions=checks.text(
                self.validator_instructions, "validator_instructions"
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "ValidationCriteria":
        """Build from the JSON shape; see ``WorkflowDefinition.from_dict``."""
        return cls(**checks.arguments(cls, data, strict=strict))


@dataclass(frozen=True)
class Phase:
    """A kind of work: instructions for its agents, and the definition of done."""

    id: int
    """The number of the phase, by which agents and calls refer to it."""
    name: str
    description: str
    done_definitions: list[str] = field(default_factory=list)
    """Statements that must be true when a task of this phase is done."""
    working_directory: str = "."
    """The folder of the repository in which agents start; an absolute path means its root."""
    additional_notes: str = ""
    outputs: list[str] = field(default_factory=list)
    """The outputs of a task of this phase."""
    next_steps: list[str] = field(default_factory=list)
    """The steps and tasks that follow an agent's own task."""
    validation: ValidationCriteria | None = None
    cli_tool: str | None = None
    """The agent program; default: the setting ``default_cli_tool``."""
    cli_model: str | None = None
    """The model; default: the setting ``cli_model``."""
    cli_fallback: list[str] | None = None
    """The fallbacks, in order, for a program that is missing, refused or out of quota:
    ``program`` or ``program:model``; default: the workflow's, else the setting."""
    host_labels: list[str] = field(default_factory=list)
    """Labels that a host must have to run agents of this phase."""

    def __post_init__(self) -> None:
        whole = isinstance(self.id, int) and not isinstance(self.id, bool)
        if not whole or not 0 <= self.id <= _GREATEST:
            raise checks.refusal(
                f"expected a whole number from 0 up, found {checks.shown(self.id)}", "id"
            )
        checks.absent_to_default(self)
        with checks.at(f"phase {self.id}"):
            checks.put(self, **self._instructions(), **self._places())

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        return asdict(self)

    def to_yaml_dict(self) -> dict[str, Any]:
        """Return the content of the phase's YAML file; the file's name has the id."""
        return {key: value for key, value in self.to_dict().items() if key != "id"}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "Phase":
        """Build from the JSON shape; see ``WorkflowDefinition.from_dict``."""
        values = checks.arguments(cls, data, strict=strict)
        if isinstance(values.get("validation"), Mapping):
            given = values["validation"]
            values["validation"] = checks.built(
                ValidationCriteria, given, "validation", strict=strict
            )
        return cls(**values)

    def check_programs(self, known: Collection[str]) -> None:
        """Check that every program of the phase is known.

        Raises:
            InvalidDefinitionError: a program is unknown; the message names the nearest.
        """
        if self.cli_tool is not None:
            checks.known_program(self.cli_tool, "cli_tool", known)
        checks.known_fallbacks(self.cli_fallback, "cli_fallback", known)

    def _instructions(self) -> dict[str, Any]:
        validation = self.validation
        if validation is not None:
            validation = checks.built(ValidationCriteria, validation, "validation")
        return {
            "name": checks.filled_text(self.name, "name", limit=NAME_LIMIT),
            "description": checks.filled_text(
                self.description, "description", limit=DESCRIPTION_LIMIT
            ),
            "done_definitions": checks.texts(self.done_definitions, "done_definitions"),
            "additional_notes": checks.text(self.additional_notes, "additional_notes"),
            "outputs": checks.texts(self.outputs, "outputs"),
            "next_steps": checks.texts(self.next_steps, "next_steps"),
            "validation": validation,
        }

    def _places(self) -> dict[str, Any]:
        fallback = self.cli_fallback
        return {
            "working_directory": _folder(self.working_directory),
            "cli_tool": checks.optional_word(self.cli_tool, "cli_tool"),
            "cli_model": checks.optional_word(self.cli_model, "cli_model"),
            "cli_fallback": None if fallback is None else checks.words(fallback, "cli_fallback"),
            "host_labels": checks.words(self.host_labels, "host_labels"),
        }


def _folder(value: Any) -> str:
    if value == "":
        return "."
    folder = folder_inside(checks.word(value, "working_directory", limit=PATH_LIMIT))
    if folder is None:
        raise checks.refusal(
            f"{checks.shown(value)} leads out of the repository; name a folder inside it, "
            "relative to its root",
            "working_directory",
        )
    return folder


def _criterion(item: Any, field: str) -> str | dict[str, Any]:
    if isinstance(item, Mapping):
        return checks.json_object(item, field)
    return checks.filled_text(item, field)
