"""A stack whose user has installed real agent programs, with a scripted model behind them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.settings.config import Settings
from tests.e2e.stack import Stack, running_stack
from tests.integration.agents.conformance.cases import ModelCase
from tests.model_server import ModelServer


@contextmanager
def running_programs(
    cases: Sequence[ModelCase], server: ModelServer, folder: Path, **settings: Any
) -> Iterator[Stack]:
    """Run a stack whose user has installed and set up these programs; their home is ``user``."""
    user = folder / "user"
    user.mkdir()
    keys = {k: v for case in cases for k, v in case.log_in(server, user).items()}
    folders = [str(case.install()) for case in cases]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(user))
        patch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))
        for name, value in keys.items():
            patch.setenv(name, value)
        names = sorted({*Settings().agent_environment, *keys})
        own = folder / "stack"
        own.mkdir()
        with running_stack(own, agent_environment=names, **settings) as running:
            yield running
