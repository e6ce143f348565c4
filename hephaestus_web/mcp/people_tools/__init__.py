"""The functions behind the tools that people call from their own programs."""

from hephaestus_web.mcp.people_tools import (
    agents,
    attention,
    questions,
    reviews,
    tasks,
    waiting,
    workflows,
)

__all__ = ["agents", "attention", "questions", "reviews", "tasks", "waiting", "workflows"]
