"""A program's conversation: kept when its session dies, taken over by the next attempt.

Programs note a conversation in the agent's folder, and some know it by the folder that they run in.
So the next attempt gets the files, and a worktree at the same path.
"""

import logging
from pathlib import Path
from typing import Final

from hephaestus_core.agents import conversations, hosting
from hephaestus_core.agents.views import AgentView, LaunchPlan, Resume
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.logging import log_event
from hephaestus_worker.agent_programs.base import RESUME_PROMPT
from hephaestus_worker.agent_programs.prompts import WHOLE_PROMPT
from hephaestus_worker.agents.hooks import LAST_HOOK
from hephaestus_worker.agents.launch_files import EXIT, OWN, SCRIPT, TOKEN, UNSAID
from hephaestus_worker.agents.setting_up import READY, SETUP_LOG
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine, working_on
from hephaestus_worker.terminal.private_files import is_word, private_folder

logger = logging.getLogger(__name__)

#: Files of one start; all others in an agent's folder belong to the conversation. A prompt in a
#: file of its own stays, because the conversation names its path.
_OF_ONE_START: Final = frozenset(
    {
        *(PANE_LOG, RESUME_PROMPT, WHOLE_PROMPT, EXIT, OWN, SCRIPT, TOKEN, UNSAID),
        *(READY, SETUP_LOG, LAST_HOOK),
    }
)


def conversation_of(machine: Machine, agent: AgentView) -> str | None:
    """Return the program's id of the agent's conversation; None if it cannot be resumed."""
    if not machine.settings.resume_conversations:
        return None
    found = machine.program(agent.program).session_id(machine.folders.agent(agent.id))
    # The agent could write it, and it becomes an argument.
    return found if found is not None and is_word(found) else None


def plan_with_conversation(machine: Machine, plan: LaunchPlan) -> LaunchPlan | None:
    """Return the plan, its conversation at hand, or the plan of a start from zero.

    None while the earlier attempt is still being ended here: a later pass starts this one.
    """
    if plan.resume is None:
        return plan
    with working_on(machine, plan.resume.agent_id) as ended:
        if not ended:
            return None
        obstacle = _obstacle(machine, plan, plan.resume)
    if obstacle is None:
        return plan
    log_event(logger, "conversation_not_resumed", agent_id=plan.agent_id, reason=obstacle)
    conversations.begin_from_zero(machine.db, plan.agent_id, reason=obstacle)
    return hosting.launch_plan(
        machine.db,
        plan.agent_id,
        auto_commit=machine.settings.auto_commit,
        vectors=machine.vectors,
    )


def _obstacle(machine: Machine, plan: LaunchPlan, resume: Resume) -> str | None:
    """Take the conversation over; say why that cannot be, None where it is done."""
    if not machine.settings.resume_conversations:
        return "this host resumes no conversations"
    place = machine.folders.worktree(plan.worktree_id)
    if worktrees.branch_at(place) not in {None, plan.branch}:
        return "the worktree of the earlier attempt is still there"
    folder = machine.folders.agent(plan.agent_id)
    try:
        move(machine.folders.agent(resume.agent_id), folder)
    except OSError as error:
        return f"the conversation cannot be moved: {error}"
    if machine.program(plan.program).session_id(folder) is None:
        return "the conversation is no longer on this host"
    return None


def move(earlier: Path, folder: Path) -> None:
    """Move a conversation's files into another agent's folder; a second call moves the rest."""
    private_folder(folder)
    for entry in list(earlier.iterdir()) if earlier.exists() else []:
        if entry.name not in _OF_ONE_START and not (folder / entry.name).exists():
            entry.rename(folder / entry.name)
