"""Who may do what: one table of routes, and the guard that every request passes.

A route that is not in the table is closed. People and programs send an API token, which has a role
and may be narrowed to scopes. Browsers may send the session cookie of a login to pages and to reads
of the API. A change takes a form of our own pages or a token: no other site can make a browser send
either.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from flask import Flask, g, request, session

from hephaestus_core.access.rules import Scope
from hephaestus_core.access.service import AgentCaller, Person, agent_of
from hephaestus_core.contract.errors import Forbidden, Unauthenticated
from hephaestus_core.tokens import is_agent_token
from hephaestus_web.access.forms import is_our_form
from hephaestus_web.access.known_people import known_people
from hephaestus_web.access.token_guesses import token_guesses
from hephaestus_web.wiring import database


class Need(Enum):
    """The access that a route needs."""

    NOTHING = "nothing"
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    ANY_TOKEN = "any token"  # noqa: S105 - the name of a need
    """A person's or an agent's token; the code behind the route decides what it allows."""


@dataclass(frozen=True)
class Access:
    """A need, and the scope of the route for tokens that are narrowed."""

    need: Need
    scope: Scope


#: The needs that each role covers.
_COVERS: Final[dict[str, frozenset[Need]]] = {
    "viewer": frozenset({Need.VIEWER}),
    "operator": frozenset({Need.VIEWER, Need.OPERATOR}),
    "admin": frozenset({Need.VIEWER, Need.OPERATOR, Need.ADMIN}),
}

#: Flask endpoint → what it needs. Tests hold this table and the routes together. A bare need
#: is for reads, with the scope ``read``; a change names its own scope.
ROUTES: Final[dict[str, Need | Access]] = {
    "health.health": Need.NOTHING,
    "health.ready": Need.NOTHING,
    "static": Need.NOTHING,
    "api-docs.openapi_json": Need.VIEWER,
    "definitions.list_definitions": Need.VIEWER,
    "definitions.get_definition": Need.VIEWER,
    "definitions.save_definition": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "definitions.delete_definition": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.start_workflow": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.list_workflows": Need.VIEWER,
    "workflows.get_workflow": Need.VIEWER,
    "workflows.stop_workflow": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.preview_deletion": Need.VIEWER,
    "workflows.delete_workflow": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.approve_workflow": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.send_back_workflow": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.change_limits": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.list_facts": Need.VIEWER,
    "workflows.correct_facts": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "workflows.summarize_workflow": Need.VIEWER,
    "workflows.list_diagnoses": Need.VIEWER,
    "workflows.get_coherence": Need.VIEWER,
    "workflows.list_workflow_results": Need.VIEWER,
    "results.read_result": Need.VIEWER,
    "results.judge_result": Access(Need.OPERATOR, Scope.TASKS),
    "result_files.download_result_file": Need.VIEWER,
    "workflows.list_workflow_merges": Need.VIEWER,
    "workflows.get_workflow_diff": Need.VIEWER,
    "workflows.get_workflow_files": Need.VIEWER,
    "workflows.message_workflow": Access(Need.OPERATOR, Scope.AGENTS),
    "merges.get_merge": Need.VIEWER,
    "tasks.create_task": Access(Need.OPERATOR, Scope.TASKS),
    "tasks.list_tasks": Need.VIEWER,
    "tasks.get_task": Need.VIEWER,
    "tasks.get_timeline": Need.VIEWER,
    "tasks.get_task_diff": Need.VIEWER,
    "tasks.get_task_commits": Need.VIEWER,
    "tasks.cancel_task": Access(Need.OPERATOR, Scope.TASKS),
    "tasks.restart_task": Access(Need.OPERATOR, Scope.TASKS),
    "tasks.not_duplicate": Access(Need.OPERATOR, Scope.TASKS),
    "tasks.is_duplicate": Access(Need.OPERATOR, Scope.TASKS),
    "tasks.review_task": Access(Need.OPERATOR, Scope.TASKS),
    "tasks.bump_task": Access(Need.OPERATOR, Scope.TASKS),
    "reviews.list_reviews": Need.VIEWER,
    "reviews.get_review": Need.VIEWER,
    "queue.get_queue": Need.VIEWER,
    "agents.list_agents": Need.VIEWER,
    "agents.get_agent": Need.VIEWER,
    "agents.get_output": Need.VIEWER,
    "agents.message_agent": Access(Need.OPERATOR, Scope.AGENTS),
    "agents.stop_agent": Access(Need.OPERATOR, Scope.AGENTS),
    "agents.restart_agent": Access(Need.OPERATOR, Scope.AGENTS),
    "agents.call_agent_fine": Access(Need.OPERATOR, Scope.AGENTS),
    "messages.list_messages": Need.VIEWER,
    "interventions.list_interventions": Need.VIEWER,
    "interventions.undo_intervention": Access(Need.OPERATOR, Scope.AGENTS),
    "questions.list_questions": Need.VIEWER,
    "questions.get_question": Need.VIEWER,
    "questions.answer_question": Access(Need.OPERATOR, Scope.AGENTS),
    "memories.list_memories": Need.VIEWER,
    "memories.search_memories": Need.VIEWER,
    "memories.export_memories": Need.VIEWER,
    "memories.import_memories": Access(Need.OPERATOR, Scope.AGENTS),
    "memories.get_memory": Need.VIEWER,
    "memories.add_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "memories.edit_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "memories.rate_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "memories.restore_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "memories.delete_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "attention.get_inbox": Need.VIEWER,
    "attention.snooze_item": Access(Need.OPERATOR, Scope.TASKS),
    "attention.dismiss_item": Access(Need.OPERATOR, Scope.TASKS),
    "attention.restore_item": Access(Need.OPERATOR, Scope.TASKS),
    "notifications.get_notifications": Need.VIEWER,
    "notifications.send_test": Access(Need.ADMIN, Scope.HOSTS),
    "hosts.list_hosts": Need.VIEWER,
    "hosts.drain_host": Access(Need.ADMIN, Scope.HOSTS),
    "hosts.set_labels": Access(Need.ADMIN, Scope.HOSTS),
    "events.list_events": Need.VIEWER,
    "ids.find": Need.VIEWER,
    "llm.get_llm": Need.VIEWER,
    "llm.try_llm": Access(Need.ADMIN, Scope.HOSTS),
    "costs.get_costs": Need.VIEWER,
    "guardian.get_report": Need.VIEWER,
    "budgets.list_budgets": Need.VIEWER,
    "budgets.set_budget": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "budgets.raise_budget": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "budgets.remove_budget": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "vectors.get_vectors": Need.VIEWER,
    "vectors.reindex": Access(Need.ADMIN, Scope.HOSTS),
    "metrics.show": Need.VIEWER,
    "tokens.create_token": Access(Need.ADMIN, Scope.ACCESS),
    "tokens.list_tokens": Access(Need.ADMIN, Scope.ACCESS),
    "tokens.revoke_token": Access(Need.ADMIN, Scope.ACCESS),
    "login-codes.create_login_code": Access(Need.ADMIN, Scope.ACCESS),
    "audit.list_audit": Access(Need.ADMIN, Scope.ACCESS),
    "mcp.call": Need.ANY_TOKEN,
    "pages.login": Need.NOTHING,
    "pages.log_in": Need.NOTHING,
    "pages.log_out": Need.VIEWER,
    "pages.index": Need.VIEWER,
    "pages.workflow_list": Need.VIEWER,
    "pages.inbox": Need.VIEWER,
    "pages.strip": Need.VIEWER,
    "pages.find": Need.VIEWER,
    # The view asks for the access of the act itself too.
    "pages.act": Access(Need.OPERATOR, Scope.TASKS),
    "pages.restore": Access(Need.OPERATOR, Scope.TASKS),
    "pages.agents": Need.VIEWER,
    "pages.agent": Need.VIEWER,
    "pages.message_agent": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.restart_agent": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.call_agent_fine": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.stop_agent": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.undo_intervention": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.api_docs": Need.VIEWER,
    "pages.launches": Need.VIEWER,
    "pages.launch": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.launch_again": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.preview": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.start": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.workflow": Need.VIEWER,
    "pages.workflow_graph": Need.VIEWER,
    "pages.decisions": Need.VIEWER,
    "pages.confirm_delete": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.delete": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.confirm_stop": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.approving": Need.VIEWER,
    "pages.workflow_file": Need.VIEWER,
    "pages.approve": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.send_back": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.stop": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.first_run": Need.VIEWER,
    "pages.run_sample": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.queue": Need.VIEWER,
    "pages.bump": Access(Need.OPERATOR, Scope.TASKS),
    "pages.hosts": Need.VIEWER,
    "pages.drain": Access(Need.ADMIN, Scope.HOSTS),
    "pages.label": Access(Need.ADMIN, Scope.HOSTS),
    "pages.results": Need.VIEWER,
    "pages.judge_result": Access(Need.OPERATOR, Scope.TASKS),
    "pages.memories": Need.VIEWER,
    "pages.add_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.edit_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.rate_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.restore_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.delete_memory": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.guardian": Need.VIEWER,
    "pages.undo_act": Access(Need.OPERATOR, Scope.AGENTS),
    "pages.costs": Need.VIEWER,
    "pages.set_day_budget": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.raise_budget": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.remove_budget": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.settings": Need.VIEWER,
    "pages.create_token": Access(Need.ADMIN, Scope.ACCESS),
    "pages.revoke_token": Access(Need.ADMIN, Scope.ACCESS),
    "pages.delete_definition": Access(Need.OPERATOR, Scope.WORKFLOWS),
    "pages.send_test": Access(Need.ADMIN, Scope.HOSTS),
    "pages.audit": Access(Need.ADMIN, Scope.ACCESS),
    "pages.task": Need.VIEWER,
    "pages.task_diff": Need.VIEWER,
    "pages.task_file": Need.VIEWER,
    "pages.judge": Access(Need.OPERATOR, Scope.TASKS),
    "pages.restart": Access(Need.OPERATOR, Scope.TASKS),
    "pages.restart_failed": Access(Need.OPERATOR, Scope.TASKS),
    "pages.cancel": Access(Need.OPERATOR, Scope.TASKS),
    "pages.bump_task": Access(Need.OPERATOR, Scope.TASKS),
    "pages.terminal": Need.VIEWER,
    "pages.terminal_text": Need.VIEWER,
    "pages.not_duplicate": Access(Need.OPERATOR, Scope.TASKS),
    "pages.is_duplicate": Access(Need.OPERATOR, Scope.TASKS),
}

#: Key in the session cookie of the hash of the token that was used to log in.
LOGIN: Final = "token_hash"


def install(app: Flask) -> None:
    """Guard every route of the application."""
    app.before_request(guard)


def guard() -> None:
    """Let the request pass if its caller may.

    Raises:
        Unauthenticated: no token, or one that is wrong or expired.
        Forbidden: a good token that does not allow this.
    """
    if request.endpoint is None:  # the routing answers 404
        return
    access = access_of(request.endpoint)
    if access is not None and access.need is Need.NOTHING:
        return
    if access is not None and access.need is Need.ANY_TOKEN:
        g.caller = _token_holder()
        return
    g.caller = _person()
    refuse_unless_allowed(g.caller, access)


def access_of(endpoint: str) -> Access | None:
    """Return the access that a route needs; None if it is closed."""
    found = ROUTES.get(endpoint)
    return Access(found, Scope.READ) if isinstance(found, Need) else found


def refuse_unless_allowed(person: Person, access: Access | None) -> None:
    """Return if the person's role and scopes cover the access.

    Raises:
        Forbidden: they do not; the message names what is missing.
    """
    if access is None or access.need not in _COVERS[person.role]:
        wanted = "nobody's" if access is None else f"at least the {access.need.value} role"
        raise Forbidden(
            f"This requires {wanted}; the token '{person.name}' has the role {person.role}."
        )
    if not person.may(access.scope):
        raise Forbidden(
            f"This requires the scope {access.scope}; the token '{person.name}' is restricted to "
            f"{', '.join(sorted(person.scopes))}."
        )


def may(person: Person, access: Access | None) -> bool:
    """Say whether the person's role and scopes cover the access."""
    try:
        refuse_unless_allowed(person, access)
    except Forbidden:
        return False
    return True


def caller() -> Person:
    """Return the person or program that the guard has let in."""
    person: Person = g.caller
    return person


def logged_in() -> Person | None:
    """Return the person of the session cookie; None without a login.

    Raises:
        Unauthenticated: the token of that login has expired or was revoked.
    """
    hashed = session.get(LOGIN)
    return None if hashed is None else known_people().by_hash(hashed)


def bearer() -> str:
    """Return the token that the request carries.

    Raises:
        Unauthenticated: it carries none.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a token: 'Authorization: Bearer …'.")
    return token.strip()


def _token_holder() -> Person | AgentCaller:
    token = bearer()
    with token_guesses().counted("api"):
        if is_agent_token(token):
            return agent_of(database(), token)
        return known_people().by_token(token)


def _person() -> Person:
    if "Authorization" in request.headers or (person := logged_in()) is None:
        token = bearer()
        with token_guesses().counted("api"):
            return known_people().by_token(token)
    g.caller = person  # the audit log names the caller of a refusal below
    _refuse_forgery()
    return person


def _refuse_forgery() -> None:
    """Let a login's cookie read, and change only through a form of our own pages."""
    if request.method in {"GET", "HEAD"}:
        return
    if request.blueprint != "pages":
        raise Unauthenticated("A browser login can only read here; send a token to make changes.")
    if not is_our_form():
        raise Forbidden("This form is out of date; reload the page and submit it again.")
