"""What Prometheus gets to see."""

import re
from collections.abc import Iterator

import httpx
import pytest

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents import leases
from hephaestus_core.budgets import checking
from hephaestus_core.budgets.service import set_budget
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.statuses import (
    BudgetAction,
    BudgetScope,
    FindingKind,
    InterventionAction,
)
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.guardian import overruling
from hephaestus_core.guardian.acting import act_on
from hephaestus_core.guardian.ladder import Bounds
from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.tasks.service import bump_task
from tests.engine import Engine
from tests.servers import Postgres
from tests.web_server import WebServer, running_web


def scraped(api: httpx.Client) -> dict[str, float]:
    """Return every value by its name with its labels."""
    answer = api.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_figures_of_the_system(web: WebServer, api: httpx.Client) -> None:
    engine = Engine(web.database).with_host("a").with_host("b")
    engine.start_workflow()
    first, _ = engine.create("one"), engine.create("two")
    bump_task(engine.db, first.id)
    agent = engine.run(engine.claimed("b"))
    leases.renew(engine.db, "b", lease_seconds=60)
    before = scraped(api)
    assert abs(before['hephaestus_host_clock_ahead_seconds{host="b"}']) < 2
    assert before["hephaestus_tasks_queued"] == 1
    assert before['hephaestus_tasks{status="in_progress"}'] == 1
    assert before['hephaestus_agents_running{host="b"}'] == 1
    assert before['hephaestus_hosts{condition="active"}'] == 2
    assert before["hephaestus_oldest_queued_seconds"] > 0
    engine.report_done(agent)
    engine.end(agent)
    assert scraped(api)['hephaestus_merges_open{status="pending"}'] == 1
    engine.merge_due()
    engine.finish(engine.run(engine.claimed("a")))
    after = scraped(api)
    assert (after["hephaestus_tasks_queued"], after["hephaestus_oldest_queued_seconds"]) == (0, 0)
    assert after['hephaestus_tasks{status="in_progress"}'] == 0


def test_figures_of_supervision(web: WebServer, api: httpx.Client) -> None:
    engine = Engine(web.database).with_host("s", slots=20)
    engine.start_workflow()
    task = engine.create("Burn tokens")
    bump_task(engine.db, task.id)
    agent = engine.run(engine.claimed("s"))
    before = scraped(api)
    budget = Amount(dollars=2.0)
    set_budget(engine.db, BudgetScope.TASK, task.id, budget, action=BudgetAction.WARN, by="ann")
    turns = [Turn("1", Tokens(2_000_000), "claude-haiku-4-5"), Turn("2", Tokens(5), "unheard-of")]
    record_turns(engine.db, agent.id, turns, {})
    checking.check(engine.db, [agent.id], answered=[agent.id])
    loops = Verdict(Label.LOOPING, "loops", Act.STEER, ("make",), looks=5)
    act_on(engine.db, agent.id, loops, bounds=Bounds(patience=0, minimum_age=0))
    overruling.call_fine(engine.db, agent.id, minutes=30, by="ann")

    after = scraped(api)

    def more(name: str) -> float:
        return round(after[f"hephaestus_{name}"] - before[f"hephaestus_{name}"], 4)

    assert more('interventions_last_hour{action="steer"}') == 1
    assert more("agents_called_fine") == 1
    assert more('budgets{status="spent"}') == 1
    assert (more("dollars_today"), more("tokens_today")) == (2.0, 2_000_005)
    assert more("unpriced_tokens_today") == 5
    assert (after["hephaestus_diagnoses_running"], after["hephaestus_coherence_lowest"]) == (0, 1)
    words = re.compile(r'verdict="|action="|coherence_findings|budgets')
    series = [name for name in after if words.search(name)]
    assert len(series) == len(Label) + len(InterventionAction) + len(FindingKind) + 2
    assert not [name for name in after if str(agent.id) in name or str(task.id) in name]
    engine.finish(agent)


def test_requests_are_timed_by_route_and_strangers_make_up_no_labels(
    web: WebServer, api: httpx.Client
) -> None:
    api.get("/api/v1/hosts")
    httpx.get(f"{web.url}/made-up")
    httpx.request("BREW", f"{web.url}/api/v1/hosts")
    seen = scraped(api)
    assert seen['hephaestus_request_seconds_count{endpoint="hosts.list_hosts",status="200"}'] >= 1
    assert seen['hephaestus_request_seconds_count{endpoint="none",status="404"}'] >= 1
    assert not [name for name in seen if re.search("made-up|BREW", name)]


def test_whoever_may_read_may_scrape_and_nobody_else(web: WebServer) -> None:
    ensure_token(web.database, name="scraper", role="viewer", token="heph_scraper_for_tests")
    with web.client("heph_scraper_for_tests") as scraper:
        assert scraper.get("/metrics").status_code == 200
    with web.client(None) as stranger:
        assert stranger.get("/metrics").status_code == 401


@pytest.fixture
def two_processes(
    postgres_server: Postgres,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[WebServer]:
    """A web server of two processes that share their figures."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path_factory.mktemp("metrics")))
    url = postgres_server.create_database(migrated_template)
    with running_web(tmp_path_factory.mktemp("web"), url, None, "-w", "2") as server:
        yield server
    postgres_server.drop_database(url)


def test_several_processes_tell_for_all(two_processes: WebServer) -> None:
    # New connections, so that both processes answer some.
    for _ in range(20):
        with two_processes.client() as client:
            client.get("/api/v1/hosts")
    with two_processes.client() as client:
        seen = scraped(client)
    assert seen['hephaestus_request_seconds_count{endpoint="hosts.list_hosts",status="200"}'] == 20
