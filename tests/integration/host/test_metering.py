"""What agents use is in the ledger: at each sweep, after a worker's death, and at the end."""

from uuid import uuid4

from hephaestus_core.costs import sums
from hephaestus_core.costs.views import Spent
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.metering import meter_agents
from hephaestus_worker.agents.starting import start_agent
from tests.integration.host.conftest import Host

MODEL = "claude-haiku-4-5"
USE = f"usage: {{input_tokens: 1000000, output_tokens: 10, model: {MODEL}}}"
DOLLARS = 1.00005


def test_what_an_agent_uses_is_counted_once_whatever_happens(host: Host) -> None:
    agent = host.claim(
        USE,
        "write: {path: used, content: once}",
        "run: 'until [ -e gate ]; do sleep 0.05; done'",
        USE,
        "usage: {output_tokens: 7, model: held-out}",
        "write: {path: used-more, content: twice}",
        "hang",
    )

    def spent() -> Spent:
        with host.engine.db.reading() as session:
            return sums.of_agent(session, agent.id)

    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "used")
    worker = host.worker()
    meter_agents(worker)
    meter_agents(worker)
    meter_agents(host.worker())  # it knows nothing of the readings before
    assert spent() == Spent(1, 1_000_000, 10, dollars=DOLLARS, models=(MODEL,))

    (host.worktree(agent.id) / "gate").touch()
    host.wait_for_file(agent.id, "used-more")
    host.kill_agent(agent.id)
    finish_agent(worker, agent.id)
    expected = Spent(3, 2_000_000, 27, 0, 0, 2 * DOLLARS, 7, (MODEL, "held-out"))
    assert spent() == expected, "what came after the last sweep is read at the end"
    assert worker.metered == {}


def test_an_agent_that_has_left_this_host_is_forgotten(host: Host) -> None:
    agent = host.claim("hang")
    start_agent(host.worker(), agent.id)
    worker = host.worker()
    gone = uuid4()
    worker.metered[gone] = {}
    meter_agents(worker)
    assert set(worker.metered) == {agent.id}
