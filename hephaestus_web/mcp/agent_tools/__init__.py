"""The functions behind the tools that agents call."""

from hephaestus_web.mcp.agent_tools import agents, results, tasks

__all__ = ["agents", "results", "tasks"]
