"""The state of searches by meaning, and their vectors made anew, over HTTP and by the client."""

from uuid import uuid4

import httpx

from hephaestus_core.settings.config import Settings
from hephaestus_core.vectors import store
from hephaestus_core.vectors.service import Vectors
from hephaestus_sdk import HephaestusClient
from hephaestus_sdk.cli.vectors import lines_of
from tests.web_server import WebServer


def test_the_state_says_what_waits_and_reindex_makes_it_wait(
    web: WebServer, api: httpx.Client
) -> None:
    with web.database.transaction() as session:
        store.note(session, "memories", uuid4(), scope="here", content="Ports are taken in CI.")
    state = api.get("/api/v1/vectors").json()
    assert (state["embedder"], state["answered_by"]) == ("wordllama/l2_supercat", "postgres")
    assert not state["complete"]
    [waiting] = [each for each in state["collections"] if each["name"] == "memories"]
    assert waiting["waiting"] >= 1
    assert waiting["copy_behind"] is None

    Vectors(web.database, Settings()).make()
    assert api.get("/api/v1/vectors").json()["complete"]
    with HephaestusClient(str(api.base_url), api.headers["Authorization"].split()[1]) as client:
        assert client.reindex("vectors").collections[0].waiting >= 1
        assert lines_of(client.vectors()) == [
            "wordllama/l2_supercat makes vectors; postgres answers"
        ]
    Vectors(web.database, Settings()).make()

    refused = api.post("/api/v1/vectors/reindex", json={"target": "copy"})
    assert refused.status_code == 422
    assert "qdrant_url" in refused.json()["detail"]
    assert api.post("/api/v1/vectors/reindex", json={"target": "x"}).status_code == 422
    with httpx.Client(base_url=api.base_url) as nobody:
        assert nobody.post("/api/v1/vectors/reindex", json={}).status_code == 401
