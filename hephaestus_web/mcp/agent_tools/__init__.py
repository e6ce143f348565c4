"""The functions behind the tools that agents call."""

from hephaestus_web.mcp.agent_tools import agents, facts, merges, questions, results, reviews, tasks

__all__ = ["agents", "facts", "merges", "questions", "results", "reviews", "tasks"]
