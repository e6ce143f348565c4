"""Memories in a prompt, marked when the files that they name have changed since."""

from uuid import UUID

from sqlalchemy import text

from hephaestus_core.contract.statuses import MemoryType
from hephaestus_core.memory.rules import MemoryOrder
from hephaestus_core.memory.saving import Source, save
from hephaestus_worker.agents.starting import start_agent
from tests.integration.host.conftest import Host

OLD, NEW, STRANGE = (
    f"Prices of the shop are rounded half to even in {place}."
    for place in ("prices.py", "totals.py", "vouchers.py")
)


def learned(host: Host, told: str, file: str, commit: str | None) -> UUID:
    source = Source(str(host.origin.path), commit=commit)
    with host.engine.db.transaction() as session:
        return save(session, MemoryOrder(MemoryType.WARNING, told, files=[file]), source)[0].id


def test_a_memory_whose_files_have_changed_since_is_marked_in_the_prompt(host: Host) -> None:
    before = host.origin.commit({"prices.py": "1\n", "totals.py": "1\n", "vouchers.py": "1\n"})
    host.origin.commit({"prices.py": "2\n"})
    old = learned(host, OLD, "prices.py", before)
    new = learned(host, NEW, "totals.py", before)
    # Nothing is said of a commit that this host does not know: of a branch that is gone, say.
    strange = learned(host, STRANGE, "vouchers.py", "0123456789" * 4)
    host.engine.create("Round the prices of the shop.\n\n```script\n- hang:\n```\n")
    agent = host.engine.claimed()
    worker = host.worker()

    start_agent(worker, agent.id)

    prompt = (worker.folders.agent(agent.id) / "prompt.md").read_text()
    assert f"{OLD} ({old}, learned at {before[:12]}; changed since then: prices.py)" in prompt
    assert f"{NEW} ({new}, learned at {before[:12]})" in prompt
    assert f"{STRANGE} ({strange}, learned at 012345678901)" in prompt
    with host.engine.db.reading() as session:
        kept = session.scalar(text("SELECT prompt FROM agents WHERE id = :id"), {"id": agent.id})
    assert "changed since then: prices.py" in kept, "people read what the agent was told"
    assert host.agent(agent.id).status == "working"
