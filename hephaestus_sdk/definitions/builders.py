"""What one writes: phases and workflow definitions, checked when they are built."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hephaestus_sdk.definitions import checks
from hephaestus_sdk.definitions.launch_templates import LaunchTemplate
from hephaestus_sdk.errors import InvalidDefinitionError

ON_RESULT_FOUND = ("stop_all", "do_nothing", "complete")

#: Stands in for ``result_criteria`` where a workflow has a result and names no criteria.
DEFAULT_RESULT_CRITERIA = (
    "What the workflow was launched for is done, the done definitions of its phases are met, "
    "and the evidence given for both holds when it is checked."
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def _set(instance: object, **values: Any) -> None:
    """Store checked values in a frozen dataclass while it is being built."""
    for name, value in values.items():
        object.__setattr__(instance, name, value)


@dataclass(frozen=True)
class ValidationCriteria:
    """How the work of a phase is reviewed by another agent before it counts as done.

    Stored with the phase; a later version acts on it.
    """

    enabled: bool = False
    criteria: list[str | dict[str, Any]] = field(default_factory=list)
    """What the reviewer checks; empty: the phase's done definitions."""
    validator_instructions: str = ""
    """Further words for the reviewer."""

    def __post_init__(self) -> None:
        checks.flag(self.enabled, "validation.enabled")
        checks.text(
            self.validator_instructions, "validation.validator_instructions", required=False
        )
        given: object = [] if self.criteria is None else self.criteria
        if not isinstance(given, list | tuple):
            raise InvalidDefinitionError(
                f"validation.criteria: expected a list, found {given!r}; write [{given!r}]",
                field="validation.criteria",
            )
        _set(self, criteria=[self._criterion(n, item) for n, item in enumerate(given)])

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "ValidationCriteria":
        """Build from the JSON shape; see :meth:`WorkflowDefinition.from_dict`."""
        return cls(**checks.arguments(cls, data, "validation", strict=strict))

    @staticmethod
    def _criterion(index: int, item: Any) -> str | dict[str, Any]:
        if isinstance(item, Mapping):
            return dict(item)
        return checks.text(item, f"validation.criteria[{index}]")


@dataclass(frozen=True)
class Phase:
    """A kind of work: what its agents are told, and when a task of it is done."""

    id: int
    """Number by which agents and calls name the phase."""
    name: str
    description: str
    done_definitions: list[str] = field(default_factory=list)
    """Statements that have to be true when a task of this phase is done."""
    working_directory: str = "."
    """Folder of the repository in which agents start."""
    additional_notes: str = ""
    outputs: list[str] = field(default_factory=list)
    """What a task of this phase leaves behind."""
    next_steps: list[str] = field(default_factory=list)
    """What an agent does or creates after its own task."""
    validation: ValidationCriteria | None = None
    cli_tool: str | None = None
    """Agent program; default: the setting ``default_cli_tool``."""
    cli_model: str | None = None
    """Model; default: the setting ``cli_model``."""
    cli_fallback: list[str] | None = None
    """What stands in, in this order, for a program that is missing, refused or out of quota:
    ``program`` or ``program:model``; default: the workflow's, else the setting."""
    host_labels: list[str] = field(default_factory=list)
    """Labels that a host must have to run agents of this phase."""
    glm_api_token_env: str | None = None
    """Deprecated: name the variable in the setting ``agent_environment``."""

    def __post_init__(self) -> None:
        if not isinstance(self.id, int) or isinstance(self.id, bool) or self.id < 0:
            raise InvalidDefinitionError(
                f"phase id: expected a whole number from 0 up, found {self.id!r}", field="id"
            )
        where = f"phase {self.id}"
        checks.text(self.name, f"{where}: name", limit=200)
        checks.text(self.description, f"{where}: description", limit=checks.MAX_DESCRIPTION)
        checks.text(self.additional_notes, f"{where}: additional_notes", required=False)
        self._check_directory(where)
        self._check_program(where)
        _set(
            self,
            done_definitions=checks.texts(self.done_definitions, f"{where}: done_definitions"),
            outputs=checks.texts(self.outputs, f"{where}: outputs"),
            next_steps=checks.texts(self.next_steps, f"{where}: next_steps"),
            host_labels=checks.texts(self.host_labels, f"{where}: host_labels"),
        )
        if self.validation is not None:
            checked = checks.built(ValidationCriteria, self.validation, f"{where}: validation")
            _set(self, validation=checked)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        data = asdict(self)
        del data["glm_api_token_env"]
        return data

    def to_yaml_dict(self) -> dict[str, Any]:
        """Return what stands in the phase's YAML file; the id stands in the file's name."""
        return {key: value for key, value in self.to_dict().items() if key != "id"}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "Phase":
        """Build from the JSON shape; see :meth:`WorkflowDefinition.from_dict`."""
        name = data.get("id", "?") if isinstance(data, Mapping) else "?"
        values = checks.arguments(cls, data, f"phase {name}", strict=strict)
        if isinstance(values.get("validation"), Mapping):
            values["validation"] = ValidationCriteria.from_dict(values["validation"], strict=strict)
        return cls(**values)

    def _check_directory(self, where: str) -> None:
        checks.text(self.working_directory, f"{where}: working_directory")
        if ".." in self.working_directory.split("/"):
            raise InvalidDefinitionError(
                f"{where}: working_directory {self.working_directory!r} leaves the repository; "
                "name a folder inside it",
                field="working_directory",
            )

    def _check_program(self, where: str) -> None:
        if self.cli_tool is not None:
            checks.text(self.cli_tool, f"{where}: cli_tool")
        _set(
            self,
            cli_model=checks.optional_text(self.cli_model, f"{where}: cli_model"),
            cli_fallback=_fallback(self.cli_fallback, f"{where}: cli_fallback"),
        )
        if self.glm_api_token_env is not None:
            warnings.warn(
                f"{where}: glm_api_token_env has no effect; add {self.glm_api_token_env!r} to "
                "the setting 'agent_environment' and agents inherit it",
                DeprecationWarning,
                stacklevel=4,
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
    """What stands in for a program, for phases that say nothing; see :class:`Phase`."""

    def __post_init__(self) -> None:
        checks.flag(self.has_result, "has_result")
        checks.flag(self.enable_tickets, "enable_tickets")
        _set(self, result_criteria=checks.optional_text(self.result_criteria, "result_criteria"))
        checks.one_of(self.on_result_found, "on_result_found", ON_RESULT_FOUND)
        if self.board_config is not None and not isinstance(self.board_config, Mapping):
            raise InvalidDefinitionError(
                f"board_config: expected names with values, found {self.board_config!r}",
                field="board_config",
            )
        _set(self, cli_fallback=_fallback(self.cli_fallback, "cli_fallback"))
        if self.has_result and self.result_criteria is None:
            _set(self, result_criteria=DEFAULT_RESULT_CRITERIA)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "WorkflowConfig":
        """Build from the JSON shape; see :meth:`WorkflowDefinition.from_dict`."""
        return cls(**checks.arguments(cls, data, "config", strict=strict))


@dataclass(frozen=True)
class WorkflowDefinition:
    """Phases under a name, with the form that launches them."""

    id: str
    """Letters, digits, ``.``, ``_`` and ``-``, at most 63."""
    name: str
    phases: list[Phase]
    config: WorkflowConfig = field(default_factory=WorkflowConfig)
    description: str = ""
    launch_template: LaunchTemplate | None = None
    offered: bool = True
    """Whether people are offered it for launch, on the page and in lists."""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise InvalidDefinitionError(
                f"workflow id {self.id!r}: use letters, digits, '.', '_' and '-', at most 63, "
                "and begin with a letter or digit",
                field="id",
            )
        checks.text(self.name, f"workflow {self.id}: name", limit=200)
        checks.text(self.description, f"workflow {self.id}: description", required=False)
        _set(self, phases=check_phases(self.phases, f"workflow {self.id}"))
        # None is the predecessor's default, and what JSON may hold.
        given: object = {} if self.config is None else self.config
        _set(self, config=checks.built(WorkflowConfig, given, f"workflow {self.id}: config"))
        if self.launch_template is not None:
            field_name = f"workflow {self.id}: launch_template"
            template = checks.built(LaunchTemplate, self.launch_template, field_name)
            _set(self, launch_template=template)
        checks.flag(self.offered, f"workflow {self.id}: offered")

    def phase(self, phase_id: int) -> Phase | None:
        """Return the phase of that number, or None."""
        return next((phase for phase in self.phases if phase.id == phase_id), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        template = self.launch_template
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "phases": [phase.to_dict() for phase in self.phases],
            "config": self.config.to_dict(),
            "launch_template": None if template is None else template.to_dict(),
            "offered": self.offered,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "WorkflowDefinition":
        """Build from the JSON shape.

        Args:
            data: what :meth:`to_dict` returns.
            strict: refuse unknown names (right for what people write); off: leave them out
                (right for what a newer server sends).

        Raises:
            InvalidDefinitionError: names the field and the remedy.
        """
        values = checks.arguments(cls, data, "workflow definition", strict=strict)
        if not strict:
            values |= _lenient(values)
        return cls(**values)


def _fallback(value: Any, field: str) -> list[str] | None:
    return None if value is None else checks.texts(value, field)


def _lenient(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a definition without what this version does not know of them."""
    parts: dict[str, Any] = {
        "phases": [Phase.from_dict(phase, strict=False) for phase in values["phases"] or []]
    }
    for name, kind in (("config", WorkflowConfig), ("launch_template", LaunchTemplate)):
        if values.get(name) is not None:
            parts[name] = kind.from_dict(values[name], strict=False)
    return parts


def check_phases(phases: Any, what: str) -> list[Phase]:
    """Return the phases, those given as names with values too: at least one, with unique ids."""
    found = checks.all_built(Phase, [] if phases is None else phases, f"{what}: phases")
    if not found:
        raise InvalidDefinitionError(f"{what}: has no phases; give it at least one", field="phases")
    checks.unique((phase.id for phase in found), f"{what}: phase id")
    return found
