"""Use cases of new tasks."""

from hephaestus_core.db.engine import Database
from hephaestus_core.intake.creation import TaskOrder, add_in_phase
from hephaestus_core.tasks.views import TaskView, view
from hephaestus_core.workflows.limits import refusals_told


def create_task(db: Database, order: TaskOrder) -> TaskView:
    """Add a task to a running workflow.

    Raises:
        NotFound, WorkflowClosed, InvalidInput, Conflict: see :func:`creation.add`.
    """
    with refusals_told(db), db.transaction() as session:
        task, phase = add_in_phase(session, order)
        # Without its position in the queue, which would cost one more query per task.
        return view(task, None if phase is None else phase.name)
