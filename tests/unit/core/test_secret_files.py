"""Secrets that others could read or guess."""

from pathlib import Path

import pytest

from hephaestus_core.settings.secret_files import fault_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the two secrets as the stack makes them."""
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    for name in ("admin.token", "session.key"):
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text("x" * 32 + "\n")
    return secrets


def test_what_the_stack_makes_is_well(folder: Path) -> None:
    assert fault_of(folder) is None
    assert fault_of(folder / "not there yet") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_can_open_is_named_with_the_remedy(folder: Path, mode: int) -> None:
    (folder / "session.key").chmod(mode)
    fault = fault_of(folder)
    assert fault is not None
    assert f"{folder / 'session.key'} can be read by other accounts" in fault
    assert f"chmod -R go= {folder}" in fault


def test_a_folder_that_others_can_enter_is_a_fault(folder: Path) -> None:
    folder.chmod(0o711)
    assert str(folder) in (fault_of(folder) or "")


@pytest.mark.parametrize("name", ["admin.token", "session.key"])
@pytest.mark.parametrize("text", ["", "admin", "x" * 31, "x" * 31 + "\n \n"])
def test_a_secret_that_could_be_guessed_is_a_fault(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    fault = fault_of(folder)
    assert fault is not None
    assert "fewer than 32 characters" in fault
    assert not text.strip() or text.strip() not in fault.replace("admin.token", "")
