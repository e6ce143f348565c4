"""The two ways to give an SDK its workflows."""

from pathlib import Path
from typing import Any

import pytest

from hephaestus_sdk.definitions.registration import registered
from hephaestus_sdk.errors import ConfigurationError, HephaestusError, InvalidDefinitionError
from hephaestus_sdk.models import Phase, WorkflowConfig, WorkflowDefinition

PHASES = [Phase(id=n, name=name, description="…") for n, name in enumerate(("recon", "report"), 1)]
DEFINITION = WorkflowDefinition("bug-fix", "Bug Fix", PHASES)


def test_phases_become_one_definition_whose_id_tells_its_content() -> None:
    first = registered(None, PHASES, None, None)
    assert first.single is not None
    assert first.definitions == (first.single,)
    assert first.single.name == "recon, report"
    assert first.single == registered(None, list(PHASES), WorkflowConfig(), None).single
    other = registered(None, PHASES, WorkflowConfig(has_result=True), None).single
    assert other is not None
    assert other.id != first.single.id


def test_a_folder_is_the_same_as_its_phases(tmp_path: Path) -> None:
    (tmp_path / "01_recon.yaml").write_text("description: …")
    single = registered(tmp_path, None, None, None).single
    assert single is not None
    assert single == registered(None, PHASES[:1], None, None).single


def test_definitions_start_nothing_by_themselves() -> None:
    given = registered(None, None, None, [DEFINITION])
    assert given.single is None
    assert given.definition("bug-fix") is DEFINITION
    assert given.definition("other") is None


def test_a_config_may_be_given_as_names_with_values() -> None:
    given = registered(None, PHASES, {"has_result": True}, None)
    assert given == registered(None, PHASES, WorkflowConfig(has_result=True), None)


def test_nothing_given_registers_nothing() -> None:
    assert registered(None, None, None, None).definitions == ()


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        (("x", PHASES, None, None), ConfigurationError, "give one of phases_dir, phases"),
        ((None, PHASES, None, [DEFINITION]), ConfigurationError, "workflow_definitions"),
        ((None, None, WorkflowConfig(), [DEFINITION]), ConfigurationError, "its own config"),
        ((None, [], None, None), InvalidDefinitionError, "at least one phase"),
        ((None, None, None, [DEFINITION] * 2), InvalidDefinitionError, "'bug-fix' stands there"),
        ((None, None, None, [PHASES[0]]), InvalidDefinitionError, "build WorkflowDefinition"),
        ((None, None, None, DEFINITION), InvalidDefinitionError, "into brackets"),
        ((None, PHASES[0], None, None), InvalidDefinitionError, "phases: expected a list"),
        ((None, PHASES, True, None), InvalidDefinitionError, "workflow_config: expected"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    given: tuple[Any, ...], kind: type[HephaestusError], says: str
) -> None:
    with pytest.raises(kind) as caught:
        registered(*given)
    assert says in caught.value.message
