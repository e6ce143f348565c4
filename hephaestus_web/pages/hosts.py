"""The page of hosts, and the acts on them."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.agents.service import live_by_host
from hephaestus_core.hosts import service
from hephaestus_web.pages import fields
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database


@blueprint.get("/hosts")
def hosts() -> str:
    """Show each host: what it runs, what it lacks, whether its agents are watched."""
    return render_template(
        "lists/hosts.html", hosts=service.list_hosts(database()), live=live_by_host(database())
    )


@blueprint.post("/hosts/<name>/drain")
def drain(name: str) -> ResponseReturnValue:
    """Let a host finish its work and claim none, or let it take work again."""
    service.set_drain(database(), name, drain=fields.text("drain") == "yes")
    return redirect(url_for("pages.hosts"), 303)


@blueprint.post("/hosts/<name>/labels")
def label(name: str) -> ResponseReturnValue:
    """Give a host labels in place of those of its worker; without the field, take them back."""
    given = fields.words("labels") if "labels" in request.form else None
    service.set_labels(database(), name, given)
    return redirect(url_for("pages.hosts"), 303)
