"""Tools about reviews of work."""

from typing import Annotated

from pydantic import Field

from hephaestus_core.reviews import verdicts
from hephaestus_web.mcp.identity import CallContext, agent_door
from hephaestus_web.mcp.shapes import ReviewState, Texts, review_state


def give_task_review(
    context: CallContext,
    passed: Annotated[bool, Field(description="Everything that must hold does.")],
    feedback: Annotated[str, Field(description="What you tried and saw; what is wanting.")],
    evidence: Annotated[Texts, Field(description="Commands with their output, files.")] = [],  # noqa: B006 - pydantic copies it
    recommendations: Annotated[Texts, Field(description="What the author should do.")] = [],  # noqa: B006
) -> ReviewState:
    """Judge the work that the caller's task is to review."""
    own = agent_door(context)
    return review_state(
        verdicts.give_review(
            own.database,
            own.agent_id,
            passed=passed,
            feedback=feedback,
            evidence=evidence,
            recommendations=recommendations,
        )
    )
