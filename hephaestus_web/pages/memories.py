"""The page of what agents have learned about repositories."""

from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.contract.statuses import MemoryType
from hephaestus_core.memory import service
from hephaestus_core.memory.forgetting import forgetting_policy
from hephaestus_core.memory.rules import MemoryView
from hephaestus_web.access.auth import caller
from hephaestus_web.pages import fields
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.wiring import database, vectors, wiring

#: Memories on one page, and those that a search finds at most.
_PAGE = 50
_MOST_FOUND = 20
#: What the address says of the part that is shown.
_ASKED = ("repository", "q", "type", "state", "cursor")


@blueprint.get("/memories")
def memories() -> str:
    """Show memories, newest first; of a question in one repository, what agents would find."""
    repository = request.args.get("repository", "").strip()
    question = request.args.get("q", "").strip()
    kind = fields.one_of("type", list(MemoryType), "")
    state = fields.one_of("state", ["known", "forgotten"], "")
    shown, following = _found(repository, question, kind, state)
    return render_template(
        "lists/memories.html",
        memories=shown,
        types=list(MemoryType),
        repositories=service.repositories(database()),
        repository=repository,
        question=question,
        type=kind,
        state=state,
        kept_days=round(wiring().settings.memory_kept_days),
        next_cursor=following,
        back=urlencode([(name, request.args[name]) for name in _ASKED if request.args.get(name)]),
    )


def _found(
    repository: str, question: str, kind: str, state: str
) -> tuple[list[MemoryView], str | None]:
    if question and repository:
        if state == "forgotten":
            return [], None
        found = service.search_memories(
            database(), repository, question, limit=_MOST_FOUND, vectors=vectors()
        )
        return [each for each in found if kind in ("", each.type)], None
    items, following = service.page_of_memories(
        database(),
        repository=repository or None,
        type=kind or None,
        forgotten=state == "forgotten" if state else None,
        limit=_PAGE,
        cursor=cursor_key(request.args.get("cursor")),
    )
    return items, cursor_text(following)


@blueprint.post("/memories")
def add_memory() -> ResponseReturnValue:
    """Add what a person knows, and show it."""
    added = service.add_memory(
        database(),
        fields.text("repository"),
        fields.text("type"),
        fields.text("text"),
        tags=fields.words("tags"),
        files=fields.words("files"),
    )
    return _shown_at(added.id, repository=added.repository)


@blueprint.post("/memories/<uuid:memory_id>")
def edit_memory(memory_id: UUID) -> ResponseReturnValue:
    """Replace what a memory says."""
    service.edit_memory(
        database(),
        memory_id,
        type=fields.text("type"),
        text=fields.text("text"),
        tags=fields.words("tags"),
        files=fields.words("files"),
        is_global=fields.text("is_global") == "yes",
    )
    return _back(memory_id)


@blueprint.post("/memories/<uuid:memory_id>/rating")
def rate_memory(memory_id: UUID) -> ResponseReturnValue:
    """Rate a memory."""
    policy = forgetting_policy(wiring().settings)
    rating = fields.text("rating")
    service.rate_memory(database(), memory_id, rating, person=caller().name, policy=policy)
    return _back(memory_id)


@blueprint.post("/memories/<uuid:memory_id>/restore")
def restore_memory(memory_id: UUID) -> ResponseReturnValue:
    """Let a forgotten memory be told again."""
    service.restore_memory(database(), memory_id)
    return _back(memory_id)


@blueprint.post("/memories/<uuid:memory_id>/delete")
def delete_memory(memory_id: UUID) -> ResponseReturnValue:
    """Delete a memory with its ratings."""
    service.delete_memory(database(), memory_id)
    return _back()


def _back(memory_id: UUID | None = None) -> ResponseReturnValue:
    """Lead to the part of the list from which the form was sent."""
    asked = {name: values[0] for name, values in parse_qs(fields.text("back")).items()}
    return _shown_at(memory_id, **{name: asked.get(name) for name in _ASKED})


def _shown_at(memory_id: UUID | None, **part: Any) -> ResponseReturnValue:
    place = None if memory_id is None else f"memory-{memory_id}"
    return redirect(url_for("pages.memories", _anchor=place, **part), 303)
