"""Models that refuse: each refusal is recognised as what it is."""

import pytest

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Promise
from tests.integration.agents.conformance.cases import Say
from tests.integration.agents.conformance.conftest import START_SECONDS, World
from tests.model_server import Fault
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program

# Spares the waits of programs that try again at their server's pace.
SOON = {"retry-after-ms": "10"}
REFUSALS = (
    (
        Promise.WRONG_MODEL,
        Fault(404, "The model `scripted` does not exist or you do not have access to it."),
        FailureClass.PERMANENT,
    ),
    (Promise.REFUSED_KEY, Fault(401, "Incorrect API key provided."), FailureClass.PERMANENT),
    (Promise.QUOTA, Fault(429, "You exceeded your current quota.", SOON), FailureClass.QUOTA),
    (Promise.OVERLOAD, Fault(529, "Overloaded", SOON), FailureClass.TRANSIENT),
)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(fault, expected, id=promise.name, marks=pytest.mark.promise(promise))
        for promise, fault, expected in REFUSALS
    ],
)
def test_a_refusal_is_recognised(
    world: World, request: pytest.FixtureRequest, fault: Fault, expected: FailureClass
) -> None:
    promise = request.node.get_closest_marker("promise").args[0]
    agent = world.start("Do it.", Say("Done."), refusal=fault)
    if promise in agent.program.cannot:
        wait_until(
            lambda: world.model.conversations() or "Done." in agent.screen(),
            timeout=START_SECONDS,
            what="an agent at work",
        )
        assert agent.failure() is None
        return
    failure = wait_until(agent.failure, timeout=150, what="a failure")
    assert failure.class_ is expected, failure
    world.keep_screen(agent, promise.name.lower())
