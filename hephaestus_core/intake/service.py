"""Use cases of new tasks."""

from hephaestus_core.db.engine import Database
from hephaestus_core.intake.creation import TaskOrder, add_in_phase
from hephaestus_core.intake.opinions import with_opinion
from hephaestus_core.llm.service import Llm
from hephaestus_core.tasks.views import TaskView, view
from hephaestus_core.vectors.service import Vectors
from hephaestus_core.workflows.limits import refusals_told


def create_task(
    db: Database, order: TaskOrder, llm: Llm | None = None, vectors: Vectors | None = None
) -> TaskView:
    """Add a task to a running workflow.

    Args:
        db: the database.
        order: for the task.
        llm: is asked about a task that looks like another one; None: the rules alone decide.
        vectors: lead the model to tasks in other words; None: words alone do.

    Raises:
        NotFound, WorkflowClosed, InvalidInput, Conflict: see :func:`creation.add`.
    """
    judged = with_opinion(db, llm, order, vectors)
    with refusals_told(db), db.transaction() as session:
        task, phase = add_in_phase(session, judged)
        # Without its position in the queue, which would cost one more query per task.
        return view(task, None if phase is None else phase.name)
