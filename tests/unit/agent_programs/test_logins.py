"""Whether a host's user has a login for a program, as far as files and variables tell."""

from pathlib import Path

import pytest

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_worker.agent_programs import PROGRAMS, without_login

FILES = {
    "claude": (".claude/.credentials.json", "{}"),
    "codex": (".codex/auth.json", "{}"),
    "droid": (".factory/settings.json", '{"customModels": [{"model": "m"}]}'),
    "opencode": (".local/share/opencode/auth.json", '{"anthropic": {}}'),
}
KEYS = {
    "claude": "ANTHROPIC_API_KEY",
    "codex": "OPENAI_API_KEY",
    "droid": "FACTORY_API_KEY",
    "opencode": "OPENAI_API_KEY",
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_login_is_a_file_or_a_variable_of_the_hosts_user(tmp_path: Path, name: str) -> None:
    program, nobody = PROGRAMS[name], {"HOME": str(tmp_path)}
    with pytest.raises(AgentProgramError, match="no login on this host"):
        program.ensure_login(nobody)
    program.ensure_login(nobody | {KEYS[name]: "k"})
    file, text = FILES[name]
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    program.ensure_login(nobody)


def test_programs_without_a_login_are_named_whatever_their_files_hold(tmp_path: Path) -> None:
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "config.toml").write_text("no toml")
    (tmp_path / ".local" / "share" / "opencode" / "auth.json").mkdir(parents=True)
    environment = {"HOME": str(tmp_path)}
    found = without_login(PROGRAMS, sorted(PROGRAMS), environment)
    assert found == ["claude", "codex", "droid", "opencode"]
