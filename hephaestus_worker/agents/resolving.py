"""The report of an agent that was to resolve a conflict: refused while it lacks the other side."""

import logging
from typing import Final

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.logging import log_event
from hephaestus_core.reviews.service import send_back
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.service import get_task
from hephaestus_worker.git.merging.merges import other_side
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)

_REFUSED: Final = (
    "You reported the conflict resolved, but your work still conflicts with '{branch}', because it "
    "does not hold commit {commit}. Bring it in with `git merge {commit}`, or conclude a merge of "
    "it that you have begun with `git commit`. Keep the intent of both sides, run the tests of "
    "both, then report again."
)


def resolves(machine: Machine, agent: AgentView) -> bool:
    """Say whether an agent has reported that it has resolved a conflict."""
    task = get_task(machine.db, agent.task_id)
    return KINDS[task.kind].frees_parent and task.status == TaskStatus.UNDER_REVIEW


def lacks_other_side(machine: Machine, mirror: Mirror, agent: AgentView, commit: str) -> bool:
    """Send a resolver back whose saved work lacks the other side; say whether it was.

    It is told of a commit once. If it reports the same again, the merge shows the conflict, and
    another one may try. So is it if the work conflicts only with what was merged meanwhile.
    """
    branch = get_workflow(machine.db, agent.workflow_id).integration_branch
    try:
        missing = other_side(mirror, agent.base_commit or commit, commit, branch)
    except RepositoryError as error:  # the merge meets it, too, and is held with the reason
        log_event(logger, "other_side_not_looked_for", agent_id=agent.id, reason=error.message)
        return False
    if missing is None:
        return False
    reason = _REFUSED.format(branch=branch, commit=missing)
    return send_back(machine.db, agent.id, reason=reason, once=True)
