"""Which definitions an SDK registers, from the two ways to give them."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.definition import WorkflowDefinition, checked_phases
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_sdk.definitions.phases_folder import load_phases
from hephaestus_sdk.errors import ConfigurationError


@dataclass(frozen=True)
class Registered:
    """The definitions of one SDK."""

    definitions: tuple[WorkflowDefinition, ...] = ()
    single: WorkflowDefinition | None = None
    """The one of single-workflow mode, whose workflow starts with the SDK."""

    def definition(self, definition_id: str) -> WorkflowDefinition | None:
        """Return the definition of that id, or None."""
        return next((item for item in self.definitions if item.id == definition_id), None)

    def with_phases(self, change: Callable[[Phase], Phase]) -> "Registered":
        """Return the same with every phase changed."""
        if self.single is not None:
            single = _single(list(map(change, self.single.phases)), self.single.config)
            return Registered((single,), single)
        return Registered(
            tuple(replace(item, phases=list(map(change, item.phases))) for item in self.definitions)
        )


def registered(
    phases_dir: str | Path | None,
    phases: Sequence[Phase] | None,
    workflow_config: WorkflowConfig | Mapping[str, Any] | None,
    workflow_definitions: Sequence[WorkflowDefinition] | None,
) -> Registered:
    """Return what to register: one workflow of phases, or any number of definitions, or nothing.

    Raises:
        ConfigurationError: arguments that exclude each other.
        InvalidDefinitionError: phases or definitions that cannot be used.
    """
    given = {
        "phases_dir": phases_dir,
        "phases": phases,
        "workflow_definitions": workflow_definitions,
    }
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise ConfigurationError(f"give one of {', '.join(names)}, not {len(names)} of them")
    if phases_dir is None and phases is None:
        return _several(workflow_definitions or (), workflow_config)
    single = _single(
        load_phases(phases_dir) if phases_dir is not None else phases,
        checks.built(WorkflowConfig, workflow_config or {}, "workflow_config"),
    )
    return Registered((single,), single)


def _several(definitions: Sequence[WorkflowDefinition], config: object) -> Registered:
    if config is not None:
        raise ConfigurationError(
            "workflow_config belongs to phases or phases_dir; a WorkflowDefinition has its own "
            "config=…",
            field="workflow_config",
        )
    found = checks.all_built(WorkflowDefinition, definitions, "workflow_definitions")
    checks.unique((item.id for item in found), "workflow_definitions", "id")
    return Registered(tuple(found))


def _single(phases: Any, config: WorkflowConfig) -> WorkflowDefinition:
    """Return a definition whose id tells its content.

    So programs with different phases do not overwrite each other's on a shared stack, and one
    program that starts again finds its own. It is this program's alone: nobody else is offered
    it for launch.
    """
    checked = checked_phases(phases)
    content = json.dumps([[phase.to_dict() for phase in checked], config.to_dict()], sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    name = ", ".join(phase.name for phase in checked)
    return WorkflowDefinition(f"phases-{digest}", name[:200], checked, config, offered=False)
