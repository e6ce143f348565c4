"""Tasks with the names of their phases: a crossing into the table of phases."""

from typing import Final

from sqlalchemy import and_, select

from hephaestus_core.tasks.models import Task
from hephaestus_core.workflows.models import Phase

#: Tasks, each with the name of its phase.
NAMED: Final = select(Task, Phase.name).outerjoin(
    Phase, and_(Phase.workflow_id == Task.workflow_id, Phase.phase_id == Task.phase_id)
)
