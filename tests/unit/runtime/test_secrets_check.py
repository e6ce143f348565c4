"""A stack does not start on secrets that others can read or guess."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.cli.main import main
from hephaestus_sdk.runtime import doctor, stack
from hephaestus_sdk.runtime.errors import HomeUnusable
from hephaestus_sdk.runtime.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    home.secret("admin.token").touch(mode=0o600)
    home.secret("admin.token").write_text("x" * 32)
    return home


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_secrets_that_others_can_read_keep_it_from_starting(home: Home, address: str) -> None:
    home.secret("admin.token").chmod(0o644)
    with pytest.raises(HomeUnusable, match="can be read by other accounts; run: chmod"):
        stack.start(Settings(home=home.root, mcp_host=address))
    assert not home.launch_file.exists(), "nothing was begun"


def test_the_command_says_so_in_one_line_with_the_code_of_the_home(home: Home) -> None:
    home.secret("admin.token").write_text("hunter2")
    ended = CliRunner().invoke(main, ["up", "--home", str(home.root)])
    assert ended.exit_code == HomeUnusable.exit_code == 4
    assert ended.output.count("\n") == 1
    assert "fewer than 32 characters" in ended.output
    assert "hunter2" not in ended.output


def test_the_doctor_finds_it_too(home: Home) -> None:
    def found() -> str:
        findings = doctor.examine(Settings(home=home.root))
        return next(finding.level for finding in findings if finding.name == "secrets")

    assert found() == "ok"
    (home.root / "secrets").chmod(0o755)
    assert found() == "fail"
