"""What only Codex has: the ways in which its user may have said how to reach a model."""

import json

import pytest

from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.cases import Case
from tests.integration.agents.conformance.conftest import World
from tests.model_server import turns

pytestmark = pytest.mark.real_program


@pytest.fixture
def case() -> Case:
    return CODEX_CLI


def test_a_key_and_the_url_of_a_server_are_enough(world: World) -> None:
    world.model.script = turns("By key.")
    agent = world.start_unplanned(
        "Begin.",
        HOME=str(world.home / "empty"),
        OPENAI_API_KEY="sk-by-key",
        OPENAI_BASE_URL=f"{world.model.url}/v1",
    )
    world.wait_for_words(agent, "By key.")
    assert world.model.conversations()[0].headers["authorization"] == "Bearer sk-by-key"


def test_the_login_of_a_person_is_shared(world: World) -> None:
    home = world.home / "logged-in"
    home.mkdir()
    login = home / "auth.json"
    login.write_text(json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-of-a-person"}))
    (home / "config.toml").write_text(f'openai_base_url = "{world.model.url}/v1"\n')
    world.model.script = turns("By login.")
    agent = world.start_unplanned("Begin.", CODEX_HOME=str(home), OPENAI_API_KEY="sk-not-this-one")
    world.wait_for_words(agent, "By login.")
    assert world.model.conversations()[0].headers["authorization"] == "Bearer sk-of-a-person"
    assert (agent.launch.folder / "config" / "auth.json").readlink() == login
