"""Definitions that are asked for, and those that are known."""

import pytest

from hephaestus_core.contract.errors import NotFound
from hephaestus_core.definitions.service import get_definition
from tests.engine import Engine


def test_who_asks_for_an_unknown_definition_is_told_the_known_ones(engine: Engine) -> None:
    engine.define()

    with pytest.raises(NotFound, match="No workflow definition 'boat'; registered: wf"):
        get_definition(engine.db, "boat")


def test_who_asks_an_empty_stack_is_told_how_to_register_one(engine: Engine) -> None:
    with pytest.raises(NotFound, match="none is registered: `hephaestus run FILE` registers"):
        get_definition(engine.db, "boat")
