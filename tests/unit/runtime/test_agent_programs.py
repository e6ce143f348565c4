"""What ``hephaestus doctor`` says of agent programs: installed, which version, logged in."""

from pathlib import Path

import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime.agent_programs import State, states


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a user with an empty home, and OpenCode of all programs."""
    program = tmp_path / "bin" / "opencode"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 1.18.33\n")
    program.chmod(0o755)
    return {"PATH": str(program.parent), "HOME": str(tmp_path)}


def opencode(machine: dict[str, str], **settings: tuple[str, ...]) -> State:
    found = {state.name: state for state in states(Settings(**settings), machine)}
    assert list(found) == ["claude", "codex", "opencode", "droid"]
    assert found["droid"].text == "not installed; to use it: npm install -g droid"
    return found["opencode"]


def test_a_program_without_a_login_says_how_to_log_in(machine: dict[str, str]) -> None:
    state = opencode(machine)
    assert (state.installed, state.ready) == (True, False)
    assert "1.18.33 at " in state.text
    assert "but no login: run `opencode auth login`, or set OPENCODE_API_KEY or " in state.text


def test_a_login_of_the_user_is_found_and_not_read(machine: dict[str, str], tmp_path: Path) -> None:
    login = tmp_path / ".local/share/opencode/auth.json"
    login.parent.mkdir(parents=True)
    login.write_text("secret")
    state = opencode(machine)
    assert state.ready
    assert state.text.endswith(f"with {login}")


def test_a_key_counts_when_agents_inherit_it(machine: dict[str, str]) -> None:
    machine["ANTHROPIC_API_KEY"] = "sk-secret"
    assert opencode(machine).text.endswith("with ANTHROPIC_API_KEY")
    unnamed = opencode(machine, agent_environment=())
    assert not unnamed.ready
    assert unnamed.text.endswith("name ANTHROPIC_API_KEY, which is set, in agents.environment")
    assert "sk-secret" not in unnamed.text


def test_a_program_of_the_configuration_is_looked_at_too(machine: dict[str, str]) -> None:
    glm = {
        "command": ["opencode", "--plain"],
        "environment": {"GLM_KEY": "{env:GLM_API_KEY}"},
        "files": {"mcp.json": {"header": "Bearer {token} {env:GLM_ORG}"}},
    }
    missing = {"command": ["goose"], "install": "brew install goose"}

    def found(*inherited: str) -> dict[str, State]:
        settings = Settings(
            agent_programs={"glm": glm, "goose": missing}, agent_environment=inherited
        )
        return {state.name: state for state in states(settings, machine)}

    assert found()["goose"].text == "not installed; to use it: brew install goose"
    machine["GLM_API_KEY"] = machine["GLM_ORG"] = "sk-secret"
    lacking = found("GLM_API_KEY")["glm"]
    assert (lacking.installed, lacking.ready) == (True, False)
    assert lacking.text.endswith(", but set GLM_ORG, and name them in agents.environment")
    whole = found("GLM_API_KEY", "GLM_ORG")["glm"]
    assert whole.ready
    assert whole.text.startswith("1.18.33 at ")
    assert "sk-secret" not in whole.text
