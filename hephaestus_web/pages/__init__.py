"""Pages for people's browsers: rendered here, kept live by one small script, no build step."""

from hephaestus_web.pages import api_docs, inbox, launch, login, tasks, workflows
from hephaestus_web.pages.blueprint import blueprint

__all__ = ["api_docs", "blueprint", "inbox", "launch", "login", "tasks", "workflows"]
