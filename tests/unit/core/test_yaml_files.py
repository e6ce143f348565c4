"""YAML files that stand for more than they hold are refused, whoever reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.yaml_files import read_yaml
from hephaestus_sdk.definitions.loading import load_definition
from hephaestus_sdk.definitions.phases_folder import load_phases
from hephaestus_sdk.errors import InvalidDefinitionError
from tests.bounds import bounded


def layers(first: str, next_: Callable[[int], str]) -> str:
    """Return names of which each stands for ten times the one before."""
    return "\n".join([f"n0: &n0 {first}", *(f"n{i}: &n{i} {next_(i - 1)}" for i in range(1, 20))])


BOMBS = {
    "lists": layers("[x]", lambda i: f"[{', '.join([f'*n{i}'] * 10)}]"),
    "merged mappings": layers("{a: 1}", lambda i: f"{{<<: [{', '.join([f'*n{i}'] * 10)}]}}"),
    "a long text": f"n: &n {'x' * 20_000}\nm: [{', '.join(['*n'] * 1000)}]",
    "an endless list": "n: &n [*n]",
    "an endless mapping": "n: &n {a: *n}",
    "a number to the base of 60": "n: " + ":".join(["1"] * 20_000),
    "a long number": "n: " + "9" * 10_000,
    "deep lists": "n: " + "[" * 600,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_at_once(kind: str) -> None:
    with bounded(megabytes=60, seconds=10), pytest.raises(yaml.YAMLError):
        read_yaml(BOMBS[kind])


@pytest.mark.parametrize("kind", BOMBS)
def test_every_reader_refuses_a_bomb(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "01_bomb.yaml"
    file.write_text(BOMBS[kind])
    with bounded(megabytes=200, seconds=30):
        with pytest.raises(InvalidDefinitionError, match=r"01_bomb\.yaml"):
            load_definition(str(file))
        with pytest.raises(InvalidDefinitionError, match=r"01_bomb\.yaml"):
            load_phases(tmp_path)
        with pytest.raises(ConfigurationError, match=r"01_bomb\.yaml"):
            load_settings(file=file, environ={})


def test_json_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    file.write_text("[" * 100_000)
    with pytest.raises(InvalidDefinitionError, match="cannot be read"):
        load_definition(str(file))


def test_aliases_and_merges_work() -> None:
    text = "a: &a {x: 1}\nb: [*a, *a]\nc: {<<: *a, y: 2}\n"
    assert read_yaml(text) == yaml.safe_load(text)
    assert read_yaml("") is None


@pytest.mark.parametrize("text", ["a: 2024-02-31", "a: [", "a: \x00"])
def test_a_text_that_is_no_yaml_has_one_error(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)


def test_a_fault_of_the_file_is_told_without_a_login(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("git: {main_repo_path: https://me:s3cret@host/a: [}\n")
    with pytest.raises(ConfigurationError) as refused:
        load_settings(file=file, environ={})
    assert "s3cret" not in refused.value.message
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigurationError, match="not readable as YAML"):
        load_settings(file=file, environ={})
