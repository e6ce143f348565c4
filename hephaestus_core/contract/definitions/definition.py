"""Workflow definitions: named lists of phases with a launch form."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.phases import RESULT, Phase
from hephaestus_core.contract.texts import NAME_LIMIT

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True)
class WorkflowDefinition:
    """A named list of phases with a launch form."""

    id: str
    """Letters, digits, ``.``, ``_`` and ``-``, at most 63."""
    name: str
    phases: list[Phase]
    """At least one phase, each with a unique id, in the order of the ids."""
    config: WorkflowConfig = field(default_factory=WorkflowConfig)
    description: str = ""
    launch_template: LaunchTemplate | None = None
    offered: bool = True
    """Whether pages and lists offer it for launch."""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise checks.refusal(
                f"{checks.shown(self.id)} cannot be the id of a workflow; use letters, digits, "
                "'.', '_' and '-', at most 63, and begin with a letter or digit",
                "id",
            )
        checks.absent_to_default(self)
        template = self.launch_template
        if template is not None:
            template = checks.built(LaunchTemplate, template, "launch_template")
        checks.put(
            self,
            name=checks.filled_text(self.name, "name", limit=NAME_LIMIT),
            description=checks.text(self.description, "description"),
            phases=checked_phases(self.phases),
            config=checks.built(WorkflowConfig, self.config, "config"),
            launch_template=template,
            offered=checks.flag(self.offered, "offered"),
        )
        self._check_phases_named()

    def phase(self, phase_id: int) -> Phase | None:
        """Return the phase with that id, or None."""
        return next((phase for phase in self.phases if phase.id == phase_id), None)

    @property
    def makes_a_task(self) -> bool:
        """Whether a launch creates the first task by itself."""
        return self.launch_template is not None and self.launch_template.makes_a_task

    def check_programs(self, known: Collection[str]) -> None:
        """Check that every agent program in the definition is known.

        The stack checks this at registration, because only it knows the programs of all hosts.

        Raises:
            InvalidDefinitionError: a program is unknown; the message names the nearest.
        """
        for number, phase in enumerate(self.phases):
            with checks.at(f"phase {phase.id}"), checks.within(f"phases[{number}]"):
                phase.check_programs(known)
        with checks.within("config"):
            self.config.check_programs(known)

    def _check_phases_named(self) -> None:
        """Refuse the number of a phase that the definition does not have."""
        known = {phase.id for phase in self.phases}
        for number, phase in enumerate(self.phases):
            for name in ("leads_to", "join"):
                for n, item in enumerate(getattr(phase, name)):
                    if item not in known and item != RESULT:
                        raise checks.unknown_phase(item, f"phases[{number}].{name}[{n}]", known)
            if phase.id in phase.join:
                raise checks.refusal(
                    "names its own phase; name those it waits for", f"phases[{number}].join"
                )
        rejected = self.config.on_result_rejected
        if rejected is not None and rejected not in known:
            raise checks.unknown_phase(rejected, "config.on_result_rejected", known)

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
            data: the result of :meth:`to_dict`; null means the default.
            strict: refuse unknown names, right for people's input. Off: leave them out, right for
                the answers of a newer server.

        Raises:
            InvalidDefinitionError: a value breaks a rule; ``field`` is its path, for example
                ``phases[1].name``, and the message names the remedy.
        """
        values = checks.arguments(cls, data, strict=strict)
        values["phases"] = checks.all_built(Phase, values["phases"], "phases", strict=strict)
        parts: tuple[tuple[str, Any], ...] = (
            ("config", WorkflowConfig),
            ("launch_template", LaunchTemplate),
        )
        for name, kind in parts:
            if values.get(name) is not None:
                values[name] = checks.built(kind, values[name], name, strict=strict)
        return cls(**values)


def checked_phases(given: Any) -> list[Phase]:
    """Return the phases, built from JSON shapes where needed, in the order of their ids.

    Raises:
        InvalidDefinitionError: there is no phase, or two have the same id.
    """
    phases = checks.all_built(Phase, [] if given is None else given, "phases")
    if not phases:
        raise checks.refusal("is empty; a workflow needs at least one phase", "phases")
    checks.unique((phase.id for phase in phases), "phases", "id")
    return sorted(phases, key=lambda phase: phase.id)
