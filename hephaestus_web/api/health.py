"""Liveness and readiness of this process."""

from marshmallow import Schema, fields
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_web.live.broker import redis_state
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.wiring import database

blueprint = Blueprint("health", __name__, description="Whether the server answers and can work")


class HealthSchema(Schema):
    """The process answers."""

    status = fields.String(required=True)


class ReadinessSchema(HealthSchema):
    """The servers that the process needs, and whether they answer."""

    database = fields.String(required=True)
    redis = fields.String(required=True)


@blueprint.get("/health")
@blueprint.response(200, HealthSchema)
def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@blueprint.get("/ready")
@blueprint.response(200, ReadinessSchema)
@blueprint.alt_response(503, ReadinessSchema)
def ready() -> tuple[dict[str, str], int]:
    """Say whether the process can take work. It can without Redis, which carries only hints."""
    database_state, broker_state = _database_state(), redis_state()
    usable = database_state == "ok"
    status = "unavailable" if not usable else "ok" if broker_state == "ok" else "degraded"
    body = {"status": status, "database": database_state, "redis": broker_state}
    return body, 200 if usable else 503


def _database_state() -> str:
    try:
        with database().reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "away"
    return "ok"
