"""The functions behind the tools that people call from their own programs."""

from hephaestus_web.mcp.people_tools import agents, questions, tasks, waiting, workflows

__all__ = ["agents", "questions", "tasks", "waiting", "workflows"]
