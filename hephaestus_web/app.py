"""The web application, put together: one line per part."""

from datetime import timedelta
from hashlib import sha256
from typing import Final

import redis
from flask import Flask

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.db.engine import Database
from hephaestus_core.doorbell import Doorbell
from hephaestus_core.llm.service import Llm
from hephaestus_core.settings.config import Settings
from hephaestus_core.vectors.service import Vectors
from hephaestus_web import errors, metrics, pages, wiring
from hephaestus_web.access import auth, known_people, token_guesses
from hephaestus_web.access.home_secrets import secret
from hephaestus_web.access.known_people import KnownPeople
from hephaestus_web.access.sessions import SessionCookie
from hephaestus_web.access.token_guesses import TokenGuesses
from hephaestus_web.api import (
    agents,
    attention,
    audit,
    budgets,
    costs,
    definitions,
    events,
    guardian,
    health,
    hosts,
    ids,
    interventions,
    llm,
    login_codes,
    memories,
    merges,
    messages,
    notifications,
    questions,
    queue,
    result_files,
    results,
    reviews,
    tasks,
    tokens,
    vectors,
    workflows,
)
from hephaestus_web.live import event_feed, permits, strip
from hephaestus_web.live.broker import Broker
from hephaestus_web.live.event_feed import EventFeed
from hephaestus_web.live.keyboards import Keyboards
from hephaestus_web.live.permits import WAITING_CLIENTS, Permits
from hephaestus_web.live.screens import Screens
from hephaestus_web.live.sockets import Sockets
from hephaestus_web.live.strip import Strip
from hephaestus_web.live.terminal_sockets import TerminalSockets
from hephaestus_web.live.terminals import Terminals
from hephaestus_web.mcp import mount
from hephaestus_web.mcp.registry import CATALOGUE
from hephaestus_web.mcp.resources import Library
from hephaestus_web.mcp.server import mcp_server
from hephaestus_web.reference.openapi import ProblemApi, openapi_config
from hephaestus_web.requests import (
    audit_trail,
    bodies,
    compression,
    conditional,
    page_parts,
    response_headers,
)
from hephaestus_web.requests.json_form import JsonForm
from hephaestus_web.requests.whole_requests import WholeRequest
from hephaestus_web.running import Running
from hephaestus_web.schemas.base import UtcTime
from hephaestus_web.schemas.events import SequenceNumber

API: Final = "/api/v1"
#: Most bytes of a request's body.
BODY_BYTES: Final = 1024 * 1024


def create_app(settings: Settings) -> Flask:
    """Return the application; ``app.extensions["running"]`` starts and ends its threads.

    Raises:
        ConfigurationError: no database is configured.
    """
    app = Flask(__name__)
    app.request_class = WholeRequest
    app.json = JsonForm(app)
    app.config.update(_config(settings))
    app.session_interface = SessionCookie()
    doorbell = Doorbell(Broker(settings.redis_url).send) if settings.redis_url else None
    database = Database(
        _database_url(settings), ringer=doorbell, connections=settings.web_connections
    )
    feed = EventFeed(database)
    waiting = Permits(WAITING_CLIENTS)
    people = KnownPeople(database)
    by_meaning = Vectors(database, settings)
    wiring.install(app, wiring.Wiring(settings, database, Llm(database, settings), by_meaning))
    known_people.install(app, people)
    token_guesses.install(app, TokenGuesses(database))
    event_feed.install(app, feed)
    permits.install(app, waiting)
    strip.install(app, Strip(database))
    app.extensions["redis"] = _redis(settings)
    sockets = Sockets(app, feed, waiting, people)
    app.extensions["mcp"] = mount.McpMount(mcp_server(CATALOGUE, Library()), settings)
    app.extensions["running"] = Running(
        admin_token=secret(settings.home, "admin.token"),
        database=database,
        vectors=by_meaning,
        feed=feed,
        sockets=sockets,
        terminals=_terminals(sockets, app.extensions["redis"], database),
        mcp=app.extensions["mcp"],
        doorbell=doorbell,
        redis=app.extensions["redis"],
    )
    metrics.install(app, database, feed, waiting)
    errors.register(app)
    auth.install(app)
    bodies.install(app)
    audit_trail.install(app)
    # Answers pass these from the last to the first.
    compression.install(app)
    response_headers.install(app)
    conditional.install(app)
    page_parts.install(app)
    _add_routes(app)
    return app


def _terminals(sockets: Sockets, client: redis.Redis | None, database: Database) -> TerminalSockets:
    keyboards = Keyboards(database, client, sockets.person)
    return TerminalSockets(sockets.server, Terminals(client), Screens(client), keyboards, database)


def _add_routes(app: Flask) -> None:
    api = ProblemApi(app)
    api.register_field(SequenceNumber, "string", None)
    api.register_field(UtcTime, "string", "date-time")
    for part in (
        health,
        definitions,
        workflows,
        merges,
        tasks,
        result_files,
        reviews,
        queue,
        agents,
        results,
        messages,
        interventions,
        guardian,
        questions,
        memories,
        attention,
        notifications,
        hosts,
        events,
        ids,
        budgets,
        costs,
        llm,
        vectors,
        tokens,
        login_codes,
        audit,
    ):
        blueprint = part.blueprint
        api.register_blueprint(blueprint, url_prefix=API + (blueprint.url_prefix or ""))
    app.register_blueprint(mount.blueprint)
    app.register_blueprint(pages.blueprint)


def _config(settings: Settings) -> dict[str, object]:
    return {
        **openapi_config(_cookie_name(settings)),
        "MAX_CONTENT_LENGTH": BODY_BYTES,
        "SECRET_KEY": secret(settings.home, "session.key"),
        "SESSION_COOKIE_NAME": _cookie_name(settings),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
    }


def _cookie_name(settings: Settings) -> str:
    """Return a cookie name of this stack: browsers send cookies to all ports of a machine."""
    return f"hephaestus-{sha256(str(settings.home).encode()).hexdigest()[:8]}"


def _database_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise ConfigurationError(
            "'database_url' is not set; set it, or run `hephaestus up`, which starts a database.",
            field="database_url",
        )
    return settings.database_url


def _redis(settings: Settings) -> redis.Redis | None:
    if settings.redis_url is None:
        return None
    return redis.Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1)
