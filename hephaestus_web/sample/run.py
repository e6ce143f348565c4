"""A run of the sample: three scripted agents, a question, and work that waits for approval."""

from importlib import resources
from typing import Any, Final

import yaml

from hephaestus_core.db.engine import Database
from hephaestus_core.definitions.service import save_definition
from hephaestus_core.lifecycle.service import start_workflow
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.settings.config import Settings
from hephaestus_web.launching.orders import launch_order
from hephaestus_web.sample.project import made_project

_DEFINITION: Final = "definition.yaml"


def start_sample(db: Database, settings: Settings, *, created_by: str) -> WorkflowView:
    """Start the sample workflow on the sample project, both of which are made if missing.

    Raises:
        RepositoryError: the project cannot be made.
    """
    project = made_project(settings.home)
    definition = save_definition(db, _definition())
    given = {
        "definition_id": definition.id,
        "main_repo_path": str(project),
        "description": "A first look at Hephaestus",
        "auto_merge": False,
    }
    return start_workflow(db, launch_order(settings, given, created_by=created_by, key=None))


def _definition() -> dict[str, Any]:
    text = resources.files(__package__).joinpath(_DEFINITION).read_text()
    found: dict[str, Any] = yaml.safe_load(text)
    return found
