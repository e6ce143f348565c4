"""Many live agents in a database, each as the Guardian saw it last."""

from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.agents.views import AgentView
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.db.engine import Database
from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.guardian.sweeping import record_looks
from hephaestus_core.guardian.watching import Glimpse
from tests.engine import Engine

_NOUNS = (
    "price",
    "cart",
    "order",
    "stock",
    "invoice",
    "refund",
    "parcel",
    "coupon",
    "rating",
    "tax",
)
_PARTS = (
    "parser",
    "table",
    "report",
    "export",
    "cache",
    "screen",
    "index",
    "rounding",
    "import",
    "log",
)
_SCREEN = (
    "\x1b[1m$ pytest -q\x1b[0m\n\x1b[31mFAILED\x1b[39m tests/test_{n}.py <b>bold?</b>\n"
    "\x1b[38;5;208m1 failed\x1b[0m, \x1b[42m 12 passed \x1b[0m in 3.1 s\n"
)


@dataclass(frozen=True)
class Fleet:
    """The agents, one of which hangs, one of which loops."""

    engine: Engine
    agents: list[AgentView]
    hung: AgentView
    looping: AgentView


def hung() -> Glimpse:
    """Return the look at an agent that hangs."""
    lines = ("Nothing has moved for 11 minutes.", "Its last command is npm install.")
    verdict = Verdict(Label.HUNG, "silent", Act.STEER, lines)
    return Glimpse(
        "yes", verdict=verdict, output_age=660, tool="Bash: npm install", tool_age=700, repeats=1
    )


def looping() -> Glimpse:
    """Return the look at an agent that repeats itself."""
    lines = ("Bash: pytest -q tests/test_cart.py 36 times in a row, and nothing changed on disk.",)
    verdict = Verdict(Label.LOOPING, "repeats", Act.STEER, lines)
    tool = "Bash: pytest -q tests/test_cart.py"
    return Glimpse("yes", verdict=verdict, output_age=1, tool=tool, tool_age=2, repeats=36)


def at_work(number: int) -> Glimpse:
    """Return the look at an agent that gets on."""
    verdict = Verdict(Label.WORKING, "works", Act.LEAVE)
    tool = f"Edit: src/module_{number}.py" if number % 3 else None
    return Glimpse(
        "yes",
        verdict=verdict,
        output_age=float(number % 7),
        tool=tool,
        tool_age=1.0 if tool else None,
        repeats=1 if tool else 0,
        line=f"{number} passed in 0.{number} s",
        screen=_SCREEN.replace("{n}", str(number)),
    )


def fleet(db: Database, size: int) -> Fleet:
    """Start a workflow with so many agents on two hosts."""
    engine = Engine(db)
    for host in ("anvil", "bellows"):
        engine.with_host(host, slots=size)
    engine.start_workflow()
    made = [_begin(engine, number) for number in range(size)]
    odd = {made[size // 3].id: hung(), made[size // 2].id: looping()}
    looks = {agent.id: odd.get(agent.id, at_work(n)) for n, agent in enumerate(made)}
    record_looks(db, looks)
    for number, agent in enumerate(made):
        _use(db, agent.id, number)
    return Fleet(engine, made, hung=made[size // 3], looping=made[size // 2])


def _begin(engine: Engine, number: int) -> AgentView:
    noun, part = _NOUNS[number % 10], _PARTS[number // 10 % 10]
    engine.create(
        f"Make the {noun} {part} of shop {number} right, with tests", phase_id=1 + number % 2
    )
    host = "bellows" if number % 4 == 3 else "anvil"
    agent = engine.claim(host, most_in_system=10_000)
    assert agent is not None, f"agent {number} could not be claimed"
    return engine.run(agent)


def _use(db: Database, agent_id: UUID, number: int) -> None:
    tokens = Tokens(input_tokens=1000 * number, output_tokens=40 * number)
    turn = Turn("first", tokens, model="test-model", cost=number / 50)
    record_turns(db, agent_id, [turn], {})
