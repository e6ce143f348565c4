"""The submodules of an agent's worktree, and what its prompt says of those that are empty."""

import logging
import os
from pathlib import Path

from hephaestus_core.agents.views import LaunchPlan
from hephaestus_core.contract import agent_files
from hephaestus_core.logging import log_event
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees.submodules import check_out_submodules, note
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal.private_files import write_private

logger = logging.getLogger(__name__)

_NOTE = "submodules.md"
_MOST_NOTE = 65_536


def prompt_with_submodules(
    machine: Machine, plan: LaunchPlan, mirror: Mirror, worktree: Path
) -> str:
    """Check out the submodules once; return the prompt, with the names of the empty ones.

    A later try of the same start takes over the result, because the agent may have worked by then.
    """
    folder = machine.folders.agent(plan.agent_id)
    if not os.path.lexists(folder / _NOTE):
        left = check_out_submodules(
            worktree,
            mirror,
            base_branch=plan.base_branch,
            wanted=machine.settings.git_submodules,
        )
        for each in left:
            log_event(logger, "submodule_left", agent_id=plan.agent_id, reason=each.reason)
        write_private(folder / _NOTE, note(left))
    kept = agent_files.read(folder, _NOTE, most=_MOST_NOTE) or b""
    return plan.prompt + kept.decode(errors="replace")
