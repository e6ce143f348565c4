"""Events of agents and of the work of their attempts."""

from typing import Final

from hephaestus_core.contract import event_fields as f

AGENT_STATUS_CHANGED: Final = (
    "agent.status_changed",
    "The status of an agent has changed.",
    f.FROM,
    f.TO,
    f.REASON_IF_ANY,
    f.Field("exit_code", "number", "Of its program, if it has ended.", optional=True),
)
AGENT_CHECKPOINTED: Final = (
    "agent.checkpointed",
    "Work of a running agent was saved.",
    f.text("commit", "The commit."),
)
AGENT_SET_UP: Final = (
    "agent.set_up",
    "The command that makes its worktree ready has ended; the agent starts now.",
    *f.SET_UP,
)
AGENT_HOOK_FAILED: Final = (
    "agent.hook_failed",
    "A hook of its worktree has failed; the work goes on.",
    f.text("hook", "One of after_create and before_remove."),
    f.REASON,
)
AGENT_ASSESSED: Final = (
    "agent.assessed",
    "The Guardian judges an agent's situation otherwise than before.",
    *f.ASSESSED,
)
AGENT_INTERVENED: Final = (
    "agent.intervened",
    "The Guardian acts on an agent that does not get on.",
    *f.INTERVENTION,
)
AGENT_INTERVENTION_FOLLOWED: Final = (
    "agent.intervention_followed",
    "A later look has found the effect of an intervention.",
    *f.INTERVENTION_EFFECT,
)
AGENT_INTERVENTION_UNDONE: Final = (
    "agent.intervention_undone",
    "A person has taken an act of the Guardian back.",
    *f.INTERVENTION_UNDONE,
)
AGENT_FINE: Final = (
    "agent.fine",
    "A person says for how long the Guardian leaves an agent alone.",
    *f.FINE,
)
AGENT_KEYBOARD_TAKEN: Final = (
    "agent.keyboard_taken",
    "A person types into an agent's terminal; the Guardian leaves the agent alone.",
    f.BY,
)
AGENT_KEYBOARD_RELEASED: Final = (
    "agent.keyboard_released",
    "A person has freed the keyboard of an agent.",
    f.BY,
)
AGENT_REMINDED: Final = (
    "agent.reminded",
    "The Guardian has reminded an idle agent to report.",
    f.Field("reminders", "number", "Number of reminders since it last worked."),
)
AGENT_REPORT_REFUSED: Final = (
    "agent.report_refused",
    "A report of an attempt that is over was refused.",
    f.text("report", "Kind of report."),
    f.Field("attempt", "number", "Number of the attempt."),
)
AGENT_SAVE_FAILED: Final = (
    "agent.save_failed",
    "An agent's last work cannot be saved for now; the host tries again.",
    f.HOST,
    f.PATH,
    f.REASON,
)
AGENT_WORK_KEPT: Final = (
    "agent.work_kept",
    "An attempt has ended, and only its host has its work.",
    f.HOST,
    f.PATH,
    f.REASON,
)
AGENT_WORK_SAVED: Final = (
    "agent.work_saved",
    "Work that could not be saved before is in the origin.",
    f.COMMIT_IF_ANY,
)
AGENT_FILES_LEFT_OUT: Final = (
    "agent.files_left_out",
    "Files of an agent are too many or too large to be committed, or git refuses them.",
    f.HOST,
    f.PATH,
    f.REASON,
)
AGENT_FILES_SET_ASIDE: Final = (
    "agent.files_set_aside",
    "New files that an ended agent had not committed are kept on its host.",
    f.HOST,
    f.PATH,
    f.REASON,
)
AGENT_COMMITS_KEPT: Final = (
    "agent.commits_kept",
    "Commits that the branch of an ended agent does not hold are kept on its host.",
    f.HOST,
    f.PATH,
    f.REASON,
)
AGENT_WORK_LOST: Final = (
    "agent.work_lost",
    "Files or commits of an agent are lost; its task goes on from what is saved.",
    f.HOST,
    f.REASON,
)
AGENT_BEGAN_ANEW: Final = (
    "agent.began_anew",
    "An attempt that was to resume a conversation could not, and begins anew.",
    f.REASON,
)
AGENT_RELEASED: Final = (
    "agent.released",
    "Nothing of an ended agent is left on its host.",
    f.HOST,
)
