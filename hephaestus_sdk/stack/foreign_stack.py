"""An SDK on a stack that it did not start: the settings that have an effect there."""

import warnings
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import load_settings
from hephaestus_sdk.config import Settings
from hephaestus_sdk.definitions.registration import Registered
from hephaestus_sdk.errors import ConfigurationError
from hephaestus_sdk.launching.launches import LAUNCH_SETTINGS

#: Settings that choose the stack, the definitions and the repository, or go with each launch.
_OURS = frozenset(
    {
        *("home", "phases_folder", "main_repo_path", "project_root", "working_directory"),
        *LAUNCH_SETTINGS,
    }
)
#: Settings that are written into the phases that this SDK registers.
_OF_PHASES = frozenset({"default_cli_tool", "cli_model"})


@dataclass(frozen=True)
class GivenSettings:
    """The settings of an SDK, and the names of those that its caller gave."""

    settings: Settings
    explicit: frozenset[str]

    def in_phases(self, given: Registered) -> Registered:
        """Return the definitions with the program and model in the phases that name none."""
        return given.with_phases(self._phase)

    def warn_of_lost(self, running: Settings | None, *, phases: bool, stacklevel: int) -> None:
        """Give one ``UserWarning`` that names the given settings without effect on the stack.

        Args:
            running: the settings of the running stack; None if unknown.
            phases: whether this SDK registers phases.
            stacklevel: where the warning points: 2 at the caller of this function.
        """
        lost = sorted(self.explicit - _OURS - (_OF_PHASES if phases else frozenset()))
        names = [name for name in lost if self._differs(name, running)]
        if names:
            warnings.warn(
                f"{', '.join(names)}: no effect on a stack that runs already, with settings of its "
                "own; set them where it is started",
                UserWarning,
                stacklevel=stacklevel,
            )

    def _differs(self, name: str, running: Settings | None) -> bool:
        value = getattr(self.settings, name)
        return value is not None and (running is None or getattr(running, name) != value)

    def _phase(self, phase: Phase) -> Phase:
        tool, model = self._given("default_cli_tool"), self._given("cli_model")
        if phase.cli_tool not in {None, self.settings.default_cli_tool}:
            model = None  # it is the model of another program
        return replace(phase, cli_tool=phase.cli_tool or tool, cli_model=phase.cli_model or model)

    def _given(self, name: str) -> str | None:
        value: str | None = getattr(self.settings, name) if name in self.explicit else None
        return value


def given_by_name(parameters: Collection[str], config: object) -> frozenset[str]:
    """Return the names of settings that are given in a program's text."""
    return frozenset(parameters) | (frozenset(config) if isinstance(config, dict) else frozenset())


def settings_of_running(home: Path) -> Settings | None:
    """Return the settings with which the stack of a home was started, None if unknown."""
    try:
        return load_settings(file=HomeLayout(home).config_file, environ={})
    except ConfigurationError:
        return None
