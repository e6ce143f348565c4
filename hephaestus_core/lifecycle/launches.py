"""Launches as people choose them: what can be launched, where, and once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from hephaestus_core.contract.commands import COMMANDS
from hephaestus_core.contract.definitions.placeholders import placeholders
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions.store import (
    DefinitionView,
    find_definition,
    makes_a_task,
    offered,
)
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import launched
from hephaestus_core.workflows import store as workflows

#: Most repositories that are offered.
_MOST_REPOSITORIES: Final = 20


@dataclass(frozen=True)
class OfferedDefinition:
    """A definition that people may launch, and when somebody last did."""

    definition: DefinitionView
    last_used_at: datetime | None


def definitions_by_use(db: Database) -> list[OfferedDefinition]:
    """Return the definitions that are offered, the last used first, then the others by name."""
    with db.reading() as session:
        found = offered(session)
        used = launched.last_uses(session, [each.id for each in found])
    never = [OfferedDefinition(each, None) for each in found if each.id not in used]
    others = [OfferedDefinition(each, used[each.id]) for each in found if each.id in used]
    return [*sorted(others, key=lambda each: used[each.definition.id], reverse=True), *never]


def repositories_used(db: Database) -> list[str]:
    """Return repositories of former launches without logins, the last used first."""
    with db.reading() as session:
        return launched.repositories(session, most=_MOST_REPOSITORIES)


def values_of_launch(db: Database, workflow_id: UUID) -> dict[str, Any]:
    """Return the values by which a workflow was launched, by the names of the API.

    A command is among them if the launch named it, as far as that can be told.

    Raises:
        NotFound: there is no such workflow, or its definition was deleted.
    """
    with db.reading() as session:
        workflow = workflows.get(session, workflow_id)
        definition = find_definition(session, workflow.definition_id)
        folder = workflow.working_directory
        first = None
        if workflow.initial_task_id is not None and not makes_a_task(definition):
            first = tasks.get(session, workflow.initial_task_id).description
        return {
            "launch_params": workflow.launch_params,
            "main_repo_path": workflow.repository,
            "base_branch": workflow.base_branch,
            "description": workflow.description,
            "working_directory": None if folder == "." else folder,
            "auto_merge": workflow.auto_merge,
            "conflict_resolution": workflow.conflict_resolution,
            "max_agents": workflow.max_agents,
            "task": first,
            **_own_commands(workflow.config, definition.config),
        }


def _own_commands(config: dict[str, Any], of_definition: dict[str, Any]) -> dict[str, str]:
    """Return the commands that differ from those that the definition names without parameters."""
    usual = {name: str(of_definition.get(name) or "") for name in COMMANDS}
    return {
        name: config[name]
        for name, command in usual.items()
        if config.get(name) and config[name] != command and not placeholders(command)
    }
