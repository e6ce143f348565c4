"""Pages for people's browsers: rendered here, kept live by one small script, no build step."""

from hephaestus_web.pages import (
    agents,
    api_docs,
    costs,
    finding,
    first_run,
    guardian,
    hosts,
    inbox,
    launch,
    login,
    memories,
    queue,
    results,
    settings,
    tasks,
    terminals,
    workflows,
)
from hephaestus_web.pages.blueprint import blueprint

__all__ = [
    "agents",
    "api_docs",
    "blueprint",
    "costs",
    "finding",
    "first_run",
    "guardian",
    "hosts",
    "inbox",
    "launch",
    "login",
    "memories",
    "queue",
    "results",
    "settings",
    "tasks",
    "terminals",
    "workflows",
]
