"""The name of a host: set, remembered, or the machine's."""

import socket
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_core.settings.host_names import host_name
from hephaestus_sdk.runtime import table


def remember(home: Path, text: str) -> None:
    HomeLayout(home).host_name_file.parent.mkdir()
    HomeLayout(home).host_name_file.write_text(text)


def test_a_name_that_is_set_wins_over_the_remembered_one(tmp_path: Path) -> None:
    remember(tmp_path, "old\n")
    assert host_name(Settings(home=tmp_path, host_name="new")) == "new"
    assert host_name(Settings(home=tmp_path)) == "old"


@pytest.mark.parametrize("text", ["", "\n", None])
def test_a_home_that_remembers_nothing_has_the_name_of_its_machine(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        remember(tmp_path, text)
    assert host_name(Settings(home=tmp_path)) == socket.gethostname().split(".")[0].lower()


def test_a_name_that_cannot_be_read_is_told_with_the_remedy(tmp_path: Path) -> None:
    HomeLayout(tmp_path).host_name_file.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="set host_name"):
        host_name(Settings(home=tmp_path))


def test_the_stack_writes_no_name_that_was_not_set(tmp_path: Path) -> None:
    """Its processes would take it for one that somebody has set, and forget what is remembered."""
    written = tmp_path / "config.yaml"
    written.write_text(table.as_yaml(Settings(home=tmp_path)))
    assert load_settings(file=written, environ={}).host_name is None
