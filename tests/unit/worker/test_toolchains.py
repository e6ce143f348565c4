"""What agents in sandboxes see of the tools that are installed in a person's home, and beside."""

from pathlib import Path

import pytest

from hephaestus_worker.terminal.toolchains import tools


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "person"


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def seen(home: Path, *searched: str, program: str = "none") -> set[str]:
    """Return what is seen for these folders of PATH, beside the folders of version managers."""
    path = ":".join(str(home / folder) for folder in searched)
    without = set(tools("none", "", home))
    return {str(each.relative_to(home)) for each in set(tools(program, path, home)) - without}


def test_an_installation_is_seen_whole(home: Path) -> None:
    program(home / "sdk/go/bin/go")
    (home / "sdk/go/lib").mkdir()
    assert seen(home, "sdk/go/bin") == {"sdk/go/bin", "sdk/go"}


def test_the_folder_above_shims_is_seen_unless_it_is_the_home(home: Path) -> None:
    program(home / "data/pyenv/shims/python")
    program(home / "data/pyenv/versions/3.12.1/bin/python")
    assert seen(home, "data/pyenv/shims") == {"data/pyenv/shims", "data/pyenv"}
    program(home / "shims/python")
    assert seen(home, "shims") == {"shims"}


def test_of_another_folder_of_the_path_its_neighbours_are_not_seen(home: Path) -> None:
    program(home / ".cargo/bin/cargo")
    (home / ".cargo/credentials.toml").touch()
    assert seen(home, ".cargo/bin") == {".cargo/bin"}


@pytest.mark.parametrize("folder", ["bin", ".local/bin"])
def test_neither_a_home_nor_what_holds_logins_counts_as_an_installation(
    home: Path, folder: str
) -> None:
    program(home / folder / "tool")
    (home / folder).with_name("lib").mkdir()
    assert seen(home, folder) == {folder}


def test_links_are_followed_to_what_they_lead_to(home: Path) -> None:
    program(home / ".config/yarn/global/node_modules/eslint/bin/eslint.js")
    program(home / "tools/venv/bin/ruff")
    (home / "tools/venv/lib").mkdir()
    program(home / "notes/today.sh")
    link(home / ".local/bin/eslint", home / ".config/yarn/global/node_modules/eslint/bin/eslint.js")
    link(home / ".local/bin/ruff", home / "tools/venv/bin/ruff")
    link(home / ".local/bin/today", home / "notes/today.sh")
    link(home / ".local/bin/gone", home / "nothing")
    assert seen(home, ".local/bin") == {
        ".local/bin",
        ".config/yarn/global/node_modules",
        "tools/venv",
        "notes/today.sh",
        "nothing",
    }


def test_a_program_is_seen_with_its_folder(home: Path) -> None:
    program(home / ".local/share/claude/versions/2.1.197")
    link(home / ".local/bin/claude", home / ".local/share/claude/versions/2.1.197")
    assert ".local/share/claude/versions" in seen(home, ".local/bin", program="claude")


def test_a_program_in_the_home_itself_is_seen_alone(home: Path) -> None:
    program(home / "claude")
    link(home / "bin/claude", home / "claude")
    assert seen(home, "bin", program="claude") == {"bin", "claude"}


def test_version_managers_are_seen_without_being_in_the_path(home: Path) -> None:
    assert {home / ".pyenv", home / ".rustup", home / ".nvm"} <= set(tools("none", "", home))


def test_relative_folders_of_the_path_and_the_home_are_left_out(home: Path) -> None:
    assert seen(home) == set()
    assert tools("none", ".:bin", home) == tools("none", "", home)


def test_a_tool_is_seen_as_soon_as_it_is_installed(home: Path) -> None:
    program(home / "bin/old")
    assert seen(home, "bin") == {"bin"}
    program(home / "made/it/bin/new")
    link(home / "bin/new", home / "made/it/bin/new")
    assert seen(home, "bin") == {"bin", "made/it/bin/new"}
