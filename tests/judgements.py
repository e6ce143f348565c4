"""Judgements of a model on agents, kept without asking one."""

from uuid import UUID

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.trajectories import Stage, SteeringType
from hephaestus_core.db.engine import Database
from hephaestus_core.llm.views import Reply
from hephaestus_core.trajectories import store
from hephaestus_core.trajectories.rules import Seen, Trajectory

SEEN = Seen(verdict="working", actions=3, action="a", said="s", commit=None, told=0)


def keep(
    db: Database, agent_id: UUID, *, focus: str = "x", steers: bool = False, seen: Seen = SEEN
) -> None:
    """Keep a judgement with an alignment of 0.25."""
    answer = Trajectory(
        alignment=0.25,
        stage=Stage.PLANNING,
        focus=focus,
        progress="Half is done.",
        issues=[],
        constraints=["Keep the API."],
        lifted=[],
        needs_steering=steers,
        steering_type=SteeringType.DRIFTING if steers else None,
        steering_text="Go back." if steers else "",
        evidence="",
    )
    reply = Reply(outcome=LlmOutcome.ANSWERED, detail="", answer=answer, model="m")
    with db.transaction() as session:
        store.add(session, agent_id, seen, reply, answer, sampled=steers)
