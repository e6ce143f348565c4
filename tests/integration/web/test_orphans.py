"""Orphans of a host as readers see them: page, API, SDK and command line, metrics."""

import httpx

from hephaestus_core.contract.statuses import OrphanKind
from hephaestus_core.hosts import orphans
from hephaestus_core.hosts import service as hosts
from hephaestus_sdk.cli.hosts import orphan_notes
from hephaestus_sdk.client import HephaestusClient
from tests.web_server import ADMIN, WebServer


def test_what_no_task_claims_is_shown_to_browser_api_sdk_and_monitoring(
    visitor: httpx.Client, api: httpx.Client, web: WebServer
) -> None:
    hosts.register(web.database, "forge", slots=4, labels=[], lease_seconds=60)
    place = "/home/host/worktrees/0c5e"
    kind = OrphanKind.WORKTREE
    orphans.record_found(web.database, "forge", kind, "0c5e", place=place, size=2048)
    [row] = orphans.known(web.database, "forge")
    orphans.record_obstacle(web.database, row.id, "<b>no mirror</b>")

    page = visitor.get("/hosts").text
    assert "1 thing that no task claims" in page
    assert place in page
    assert "&lt;b&gt;no mirror&lt;/b&gt;" in page
    [host] = [each for each in api.get("/api/v1/hosts").json()["items"] if each["orphans"]]
    [shown] = host["orphans"]
    assert (shown["kind"], shown["status"], shown["size"]) == ("worktree", "found", 2048)
    assert 'hephaestus_orphans{kind="worktree"} 1.0' in api.get("/metrics").text
    with HephaestusClient(web.url, token=ADMIN) as client:
        told = orphan_notes(client.hosts())
    assert len(told) == 1
    assert "forge: worktree 0c5e, found, first seen" in told[0]
