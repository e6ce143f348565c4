"""The functions behind the tools that people call from their own programs."""

from hephaestus_web.mcp.people_tools import (
    agents,
    attention,
    interventions,
    memories,
    questions,
    reviews,
    tasks,
    waiting,
    workflows,
)

__all__ = [
    "agents",
    "attention",
    "interventions",
    "memories",
    "questions",
    "reviews",
    "tasks",
    "waiting",
    "workflows",
]
