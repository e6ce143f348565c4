"""The blueprint of all pages, and how values are shown on them."""

import re
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, g, request
from markupsafe import Markup, escape
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.access.service import AgentCaller, Person
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.kept_commits import KeptCommit
from hephaestus_core.contract.kept_commits import in_words as kept_in_words
from hephaestus_core.contract.left_out import LeftOut, in_words
from hephaestus_core.contract.money import in_dollars
from hephaestus_core.contract.signs import sign_of_task, sign_of_workflow
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_web.access.auth import access_of, caller, logged_in, may
from hephaestus_web.access.forms import csrf_token
from hephaestus_web.live.strip import numbers
from hephaestus_web.pages.navigation import LINKS

blueprint: Final = Blueprint("pages", __name__)

#: What the system itself creates tasks for.
_OWN: Final = {"result", "rejected result", "review", "merge", "delivery check"}
_CODE: Final = re.compile(r"`([^`]+)`")
_MINUTE: Final = 60
_HOUR: Final = 3600


@blueprint.app_template_filter("short")
def short(value: UUID | str | None) -> str:
    """Return the first part of an id or of a commit."""
    return "" if value is None else str(value)[:8]


@blueprint.app_template_filter("creator")
def creator(value: str) -> str:
    """Return who created something; agents by the first part of their id."""
    agent, _, identity = value.partition(" ")
    if agent == "agent" and identity:
        return f"agent {short(identity)}"
    return f"the system ({value})" if value in _OWN else value


@blueprint.app_template_filter("moment")
def moment(value: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{value:%Y-%m-%d %H:%M:%S}"


@blueprint.app_template_filter("duration")
def duration(seconds: float | None) -> str:
    """Return a duration as ``42 s``, ``3 min 5 s`` or ``2 h 10 min``."""
    if seconds is None:
        return ""
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


blueprint.add_app_template_filter(in_dollars)


@blueprint.app_template_filter("glyph")
def glyph(value: object) -> str:
    """Return the sign of a task's status or of a workflow's condition; nothing for other words."""
    if isinstance(value, TaskStatus):
        return sign_of_task(value).glyph
    return sign_of_workflow(value, "").glyph if isinstance(value, Condition) else ""


@blueprint.app_template_filter("with_code")
def with_code(text: str) -> Markup:
    """Mark what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped


@blueprint.app_template_filter("in_words")
def left_out_in_words(left_out: list[LeftOut]) -> str:
    """Return files that are not committed with their extent."""
    return in_words(left_out)


@blueprint.app_template_filter("kept_in_words")
def kept_commits_in_words(kept: list[KeptCommit]) -> str:
    """Return names and commits of what an agent left beside its branch."""
    return kept_in_words(kept)


@blueprint.app_context_processor
def shown_everywhere() -> dict[str, Any]:
    """Return what every page shows or sends."""
    return {
        "csrf_token": csrf_token,
        "visitor": _visitor(),
        "strip_numbers": numbers,
        "places": LINKS,
        "allowed": _allowed,
    }


def _visitor() -> Person | AgentCaller | None:
    """Return who looks, also at an address that is none of ours, where the guard asks nobody."""
    if request.endpoint is None and "caller" not in g:
        try:
            g.caller = logged_in()
        except (HephaestusError, SQLAlchemyError):
            return None
    visitor: Person | AgentCaller | None = g.get("caller")
    return visitor


def _allowed(route: str) -> bool:
    """Say whether the visitor may do what a route of the API does, so that a page offers it."""
    return may(caller(), access_of(route))
