"""Hosts: the machines that run agents."""

from typing import Any

from hephaestus_core.hosts import service
from hephaestus_core.hosts.service import HostView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.hosts import DrainInput, LabelsInput
from hephaestus_web.schemas.views import items_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint("hosts", __name__, url_prefix="/hosts", description="Machines with agents")


@blueprint.get("")
@blueprint.response(200, items_of(HostView))
def list_hosts() -> dict[str, list[HostView]]:
    """List all hosts, by name."""
    return {"items": service.list_hosts(database())}


@blueprint.post("/<name>/drain")
@blueprint.arguments(DrainInput)
@blueprint.response(200, schema_of(HostView))
def drain_host(body: dict[str, Any], name: str) -> HostView:
    """Let a host finish what it has and take nothing more, or let it take work again."""
    return service.set_drain(database(), name, drain=body["drain"])


@blueprint.put("/<name>/labels")
@blueprint.arguments(LabelsInput)
@blueprint.response(200, schema_of(HostView))
def set_labels(body: dict[str, Any], name: str) -> HostView:
    """Give a host labels; they outlive restarts of its worker, until null takes them back."""
    return service.set_labels(database(), name, body["labels"])
