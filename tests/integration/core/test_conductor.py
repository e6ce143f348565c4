"""The Conductor: what it finds, of whom it tells whom, and what it stops."""

from concurrent.futures import ThreadPoolExecutor

from hephaestus_core.agents.views import AgentView
from hephaestus_core.attention.service import inbox
from hephaestus_core.conductor import touched_lines
from hephaestus_core.conductor.service import Conduct, coherence_of, look
from hephaestus_core.contract.touched import TouchedFile
from hephaestus_core.messages.mailbox import page_of_messages
from tests.engine import Engine

SAME = [TouchedFile("src/a.py", "b1", [(3, 4)])]


def pair(engine: Engine, *texts: str) -> list[AgentView]:
    engine.with_host("a", slots=20)
    engine.start_workflow()
    for words in texts:
        engine.create(words)
    return [engine.run(engine.claimed()) for _ in texts]


def conduct(policy: str, *, confirm: float = 0) -> Conduct:
    return Conduct(policy=policy, confirm_seconds=confirm)  # type: ignore[arg-type]


def told(engine: Engine) -> list[str]:
    found, _ = page_of_messages(engine.db, workflow_id=engine.workflow_id)
    return [message.text for message in found]


def test_two_agents_that_change_the_same_lines_are_told_once(engine: Engine) -> None:
    agents = pair(engine, "Mend the reader.", "Document the writer.")
    for agent in agents:
        touched_lines.record(engine.db, agent.id, "c1", SAME)
    look(engine.db, conduct("observe"))
    assert told(engine) == []
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: look(engine.db, conduct("advise")), range(4)))

    assert len(told(engine)) == 2
    assert all("src/a.py" in words for words in told(engine))
    found = coherence_of(engine.db, engine.workflow_id, "advise")
    [finding] = found.findings
    assert (found.coherence, found.agents, finding.kind) == (0.5, 2, "contention")
    assert finding.agent_ids == [agent.id for agent in agents]
    assert len(engine.events("coherence.changed")) == 1
    engine.finish(agents[0])
    look(engine.db, conduct("advise"))
    assert coherence_of(engine.db, engine.workflow_id, "advise").findings == []


def test_of_two_duplicates_one_is_withdrawn_once_two_looks_agree(engine: Engine) -> None:
    one, other = pair(engine, "Mend the reader.", "Please mend the reader")
    touched_lines.record(engine.db, other.id, "c1", SAME)
    look(engine.db, conduct("act", confirm=60))
    assert engine.events("task.status_changed")[-1].data["to"] != "duplicated"
    [finding] = coherence_of(engine.db, engine.workflow_id, "act").findings
    assert finding.kind == "duplicate"

    look(engine.db, conduct("act"))

    withdrawn = [e for e in engine.events("task.status_changed") if e.data["to"] == "duplicated"]
    assert [(e.task_id, e.data["duplicate_of"]) for e in withdrawn] == [
        (one.task_id, str(other.task_id))
    ]


def test_a_person_hears_of_low_coherence(engine: Engine) -> None:
    agents = pair(engine, "Mend the reader.", "Mend the reader!", "mend the reader")
    look(engine.db, conduct("observe"))
    [item] = [i for i in inbox(engine.db).items if i.kind == "coherence_low"]
    assert "ask for the same work" in item.evidence
    for agent in agents[1:]:
        engine.finish(agent)
    look(engine.db, conduct("observe"))
    assert "coherence_low" not in {i.kind for i in inbox(engine.db).items}
