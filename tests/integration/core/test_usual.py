"""The usual time and cost of a definition's runs."""

from hephaestus_core.agents import leases
from hephaestus_core.conditions.readiness import Need
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.service import list_hosts
from hephaestus_core.summaries.usual import Usual, outlook
from tests.engine import Engine
from tests.statements import counted

HAIKU = "claude-haiku-4-5"


def _run(engine: Engine, millions: int) -> None:
    """Run a workflow to its end; its agent uses so many million tokens at a dollar each."""
    engine.launch()
    engine.create()
    agent = engine.run(engine.claimed())
    turns = [Turn(str(number), Tokens(1_000_000), HAIKU) for number in range(millions)]
    record_turns(engine.db, agent.id, turns, {})
    engine.finish(agent)


def test_the_median_of_the_runs_that_ended_with_work_done(db: Database, engine: Engine) -> None:
    engine.define()
    needs = [Need("claude")]
    assert outlook(db, "wf", needs, "/nowhere").usual is None
    for millions in (1, 9, 2):
        _run(engine, millions)
    engine.launch()
    engine.create()  # it has not ended yet
    with counted(db) as sent:
        found = outlook(db, "wf", needs, "/nowhere")
    assert isinstance(found.usual, Usual)
    assert (found.usual.runs, found.usual.dollars, found.usual.unpriced) == (3, 2.0, False)
    assert 0 < found.usual.seconds < 60
    assert found.readiness.slots == 0  # the host has no such program
    assert len(sent) <= 5


def test_hosts_say_at_each_heartbeat_which_programs_have_no_login(
    db: Database, engine: Engine
) -> None:
    engine.define()
    needs = [Need("claude")]
    for without, hosts, logged_out in ((["claude"], (), ("a",)), ([], ("a",), ())):
        leases.renew(
            db, "a", lease_seconds=60, programs=["claude", "scripted"], without_login=without
        )
        [found] = outlook(db, "wf", needs, "/nowhere").readiness.programs
        assert (found.hosts, found.logged_out) == (hosts, logged_out)
        assert list_hosts(db)[0].programs_without_login == without
