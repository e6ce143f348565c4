"""The functions behind the tools that agents call."""

from hephaestus_web.mcp.agent_tools import (
    agents,
    facts,
    memories,
    merges,
    questions,
    results,
    reviews,
    tasks,
)

__all__ = ["agents", "facts", "memories", "merges", "questions", "results", "reviews", "tasks"]
