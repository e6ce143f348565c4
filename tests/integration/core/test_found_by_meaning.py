"""Memories and tasks in other words are found where an embedder knows what words mean."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting, memories_of_agents
from hephaestus_core.db.engine import Database
from hephaestus_core.indexing.noting import note_changed
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.llm.service import Llm
from hephaestus_core.memory import service as memories
from hephaestus_core.settings.config import Settings
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from hephaestus_core.vectors.service import Vectors
from tests.embedding_server import Endpoint, embedding_endpoint
from tests.engine import Engine
from tests.llm_server import Provider, Step, provider
from tests.qdrant_server import qdrant_server

KNOWN = "Checkout totals are rounded twice"
ASKED = "Basket sums get trimmed doubly"
FASTER = "Speed up importers considerably today"
IN_OTHER_WORDS = "Make loading pipelines quicker now"
SYNONYMS = dict(zip(ASKED.lower().split(), KNOWN.lower().split(), strict=True)) | dict(
    zip(IN_OTHER_WORDS.lower().split(), FASTER.lower().split(), strict=True)
)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with embedding_endpoint() as served:
        served.dimension, served.means = 384, SYNONYMS
        yield served


def settings(served: Endpoint, **further: object) -> Settings:
    providers = {"served": {"base_url": served.url}}
    given = {"embedding_provider": "served", "embedding_model": "m", "llm_providers": providers}
    return Settings(**{**given, **further})  # type: ignore[arg-type]


def made(db: Database, wanted: Settings, *, with_tasks: bool = False) -> Vectors:
    """Let a worker's pass note and read everything."""
    vectors = Vectors(db, wanted, {})
    vectors.want()
    while note_changed(db, with_tasks=with_tasks):
        pass
    assert vectors.make() is False
    return vectors


def noted(db: Database) -> dict[UUID, str]:
    with db.reading() as session:
        found = session.execute(text("SELECT item_id, scope FROM vector_items"))
        return {row.item_id: row.scope for row in found}


def test_memories_are_noted_once_moved_and_forgotten(engine: Engine, endpoint: Endpoint) -> None:
    db = engine.db
    first = memories.add_memory(db, "/r", "learning", KNOWN)
    gone = memories.add_memory(db, "/r", "learning", "Invoices have no page two.")
    memories.delete_memory(db, gone.id)
    made(db, settings(endpoint))
    assert noted(db) == {first.id: "/r"}
    asked = len(endpoint.asked)
    assert note_changed(db, with_tasks=False) is False

    memories.edit_memory(db, first.id, type="learning", text=KNOWN, is_global=True)
    made(db, settings(endpoint))
    assert noted(db) == {first.id: "*"}
    assert len(endpoint.asked) == asked, "the same text is not read again"

    memories.delete_memory(db, first.id)
    made(db, settings(endpoint))
    assert noted(db) == {}


def test_a_memory_in_other_words_is_found_and_told(engine: Engine, endpoint: Endpoint) -> None:
    db = engine.db
    engine.with_host("a").start_workflow()
    repository = lifecycle.get_workflow(db, engine.workflow_id).repository
    known = memories.add_memory(db, repository, "learning", KNOWN)
    memories.add_memory(db, repository, "learning", "The harbour is closed in winter")
    memories.add_memory(db, "/elsewhere", "learning", ASKED.replace("Basket", "Checkout"))
    vectors = made(db, settings(endpoint))

    def ask(question: str, **how: Vectors) -> list[UUID]:
        found = memories.search_memories(db, repository, question, limit=5, **how)
        return [each.id for each in found]

    assert ask(ASKED) == []
    assert ask(ASKED, vectors=vectors) == [known.id]
    assert ask("Paint all the boats green", vectors=vectors) == []

    engine.create(ASKED)
    agent = engine.claimed()
    plan = hosting.launch_plan(db, agent.id, vectors=vectors)
    assert KNOWN in plan.prompt
    found = memories_of_agents.find_memories(db, agent.id, ASKED, limit=5, vectors=vectors)
    assert [each.id for each in found] == [known.id]

    endpoint.status = 500
    assert ask(ASKED, vectors=vectors) == [], "it goes on by words"
    assert ask(KNOWN, vectors=vectors) == [known.id]


def test_memories_are_searched_in_the_copy_where_there_is_one(
    engine: Engine, endpoint: Endpoint
) -> None:
    db = engine.db
    engine.with_host("a").start_workflow()
    repository = lifecycle.get_workflow(db, engine.workflow_id).repository
    known = memories.add_memory(db, repository, "learning", KNOWN)
    for name in "abcdefghijklmnopqrst":
        memories.add_memory(db, repository, "learning", f"Harbour {name * 4} sleeps {name * 5}")
    engine.create(ASKED)
    agent = engine.claimed()
    with qdrant_server() as copy:
        vectors = made(db, settings(endpoint, qdrant_url=copy.url))

        def searches() -> int:
            return sum(call.endswith("/points/query 200") for call in copy.calls)

        found = memories.search_memories(db, repository, ASKED, limit=5, vectors=vectors)
        assert ([each.id for each in found], searches()) == ([known.id], 1)
        assert KNOWN in hosting.launch_plan(db, agent.id, vectors=vectors).prompt
        assert searches() == 2
        found = memories_of_agents.find_memories(db, agent.id, ASKED, limit=5, vectors=vectors)
        assert ([each.id for each in found], searches()) == ([known.id], 3)
        copy.collections.clear()
        found = memories.search_memories(db, repository, ASKED, limit=5, vectors=vectors)
        assert ([each.id for each in found], searches()) == ([known.id], 3)


class Desk:
    """Creates tasks with a model and vectors at hand."""

    def __init__(self, engine: Engine, served: Provider, embeds: Endpoint) -> None:
        self.engine, self.embeds = engine, embeds
        scripted = {"api": "anthropic", "base_url": served.url, "api_key_env": "A_KEY"}
        self.settings = settings(
            embeds,
            llm_provider="scripted",
            llm_model="m",
            llm_providers={"served": {"base_url": embeds.url}, "scripted": scripted},
        )
        self.llm = Llm(engine.db, self.settings, {"A_KEY": "k"})

    def create(self, description: str, similarity: float = 0.75, **order: str) -> TaskView:
        vectors = made(self.engine.db, self.settings, with_tasks=True)
        asked = TaskOrder(
            workflow_id=self.engine.workflow_id,
            description=description,
            phase_id=1,
            compared=Thresholds(similarity=similarity, related=0.5),
            **order,  # type: ignore[arg-type]
        )
        return intake.create_task(self.engine.db, asked, self.llm, vectors)


def test_a_task_in_other_words_is_shown_to_the_model_from_the_threshold_on(
    engine: Engine, endpoint: Endpoint
) -> None:
    engine.start_workflow()
    with provider(Step(json.dumps({"same_as": 1, "reason": "Both hurry."}))) as served:
        desk = Desk(engine, served, endpoint)
        first = desk.create(FASTER)
        assert desk.create("Paint the boats").status == "queued"
        assert desk.create(IN_OTHER_WORDS, cli_tool="scripted").status == "queued"
        endpoint.means = SYNONYMS | {"now": "at-once"}  # four of five words agree
        below = desk.create(IN_OTHER_WORDS, similarity=0.9)
        assert below.status == "queued"
        assert served.asked == []
        tasks.cancel_task(engine.db, below.id)
        second = desk.create(IN_OTHER_WORDS, similarity=0.75)
    assert len(served.asked) == 1
    assert (second.status, second.duplicate_of) == ("duplicated", first.id)
    assert second.similarity_reason == "A model compared them: Both hurry."


def test_tasks_get_vectors_only_where_something_looks_for_them(
    engine: Engine, endpoint: Endpoint
) -> None:
    engine.start_workflow()
    task = engine.create(FASTER)
    made(engine.db, settings(endpoint))
    assert noted(engine.db) == {}
    made(engine.db, settings(endpoint), with_tasks=True)
    assert noted(engine.db) == {task.id: f"{engine.workflow_id} 1"}, "those before count too"
