"""Phases: kinds of work, with instructions for their agents."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.definitions.criteria import ValidationCriteria
from hephaestus_core.contract.definitions.placeholders import is_placeholder
from hephaestus_core.contract.folders import PATH_LIMIT, folder_inside
from hephaestus_core.contract.policies import MERGE_TIMES
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, NAME_LIMIT

#: The greatest phase number: the greatest integer that every JSON parser keeps exact.
_GREATEST: Final = 2**53
_MOST_ROUNDS: Final = 100
_MOST_TASKS: Final = 100_000

#: In ``leads_to``: the workflow's result.
RESULT: Final = "result"


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
    leads_to: list[int | str] = field(default_factory=list)
    """One of these must exist before a task of this phase is done: a task that it has created in
    a phase, or ``result``. An agent may give a reason for which nothing follows instead."""
    join: list[int] = field(default_factory=list)
    """Phases; the system creates one task of this phase each time that they have come to rest."""
    max_rounds: int = 3
    """Tasks that the system creates for a ``join``, or since results were rejected; then a person
    decides."""
    most_tasks: int | str | None = None
    """Tasks that the phase may have in one round, which begins when a ``join`` of it starts; None:
    any number. Or a ``{placeholder}``. Failed and withdrawn tasks do not count, and a person may
    create more."""
    merge: str = "alone"
    """``alone``: work is merged once its task is done. ``with_children``: only together with the
    work of a task that it has created, such as a failing test with its fix."""
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
            **self._order(),
        }

    def _order(self) -> dict[str, Any]:
        return {
            "leads_to": [
                _next(item, f"leads_to[{n}]")
                for n, item in enumerate(checks.items(self.leads_to, "leads_to"))
            ],
            "join": [
                checks.whole(item, f"join[{n}]", least=0, most=_GREATEST)
                for n, item in enumerate(checks.items(self.join, "join"))
            ],
            "max_rounds": checks.whole(self.max_rounds, "max_rounds", least=1, most=_MOST_ROUNDS),
            "most_tasks": _most_tasks(self.most_tasks),
            "merge": checks.one_of(self.merge, "merge", MERGE_TIMES),
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


def _most_tasks(value: Any) -> int | str | None:
    if value is None or (isinstance(value, str) and is_placeholder(value)):
        return value
    return checks.whole(value, "most_tasks", least=1, most=_MOST_TASKS)


def _next(item: Any, place: str) -> int | str:
    if item == RESULT:
        return RESULT
    return checks.whole(item, place, least=0, most=_GREATEST)
