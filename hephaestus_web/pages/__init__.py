"""Pages for people's browsers: rendered here, kept live by one small script, no build step."""

from hephaestus_web.pages import launch, login, workflows
from hephaestus_web.pages.blueprint import blueprint

__all__ = ["blueprint", "launch", "login", "workflows"]
