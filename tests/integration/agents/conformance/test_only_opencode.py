"""What only OpenCode does: in place of a model that it does not know it would ask another."""

from dataclasses import replace

import pytest

from hephaestus_core.contract.failures import FailureClass
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import Case
from tests.integration.agents.conformance.conftest import START_SECONDS, World
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program


@pytest.fixture
def case() -> Case:
    return replace(OPENCODE_CLI, model="local/unknown")


def test_no_other_model_is_asked_than_the_one_named(world: World) -> None:
    agent = world.start_unplanned("Do it.")
    failure = wait_until(agent.failure, timeout=START_SECONDS, what="a failure")
    assert failure.class_ is FailureClass.PERMANENT
    assert world.model.requests == []
    world.keep_screen(agent, "unknown_model")
