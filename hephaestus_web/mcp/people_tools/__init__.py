"""The functions behind the tools that people call from their own programs."""

from hephaestus_web.mcp.people_tools import (
    agents,
    attention,
    costs,
    interventions,
    memories,
    questions,
    reviews,
    standing,
    tasks,
    waiting,
    workflows,
)

__all__ = [
    "agents",
    "attention",
    "costs",
    "interventions",
    "memories",
    "questions",
    "reviews",
    "standing",
    "tasks",
    "waiting",
    "workflows",
]
