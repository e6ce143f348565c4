"""What a launch carries: parameters for its template, and what the settings say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hephaestus_sdk.config import Settings
from hephaestus_sdk.definitions import WorkflowDefinition
from hephaestus_sdk.repository import locate

_DEFAULTS = Settings()
#: Settings that a launch carries, so that they count on a stack that somebody else started.
_LAUNCH_SETTINGS = ("base_branch", "auto_merge", "conflict_resolution")


@dataclass(frozen=True)
class Launches:
    """How launches are filled from the settings.

    Args:
        local: the stack sees this machine's files.
        explicit: names of settings that were given as parameters.
    """

    local: bool
    explicit: frozenset[str]

    def options(
        self, settings: Settings, working_directory: str | None, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the values of a launch: what is given, else what the settings say.

        Settings that stand at their default are left to the stack, which may know better.
        """
        place = locate(
            given.get("main_repo_path") or settings.repository,
            working_directory or settings.working_directory,
            local=self.local,
        )
        values = {
            name: getattr(settings, name)
            for name in _LAUNCH_SETTINGS
            if name in self.explicit or getattr(settings, name) != getattr(_DEFAULTS, name)
        }
        return {
            **values,
            **given,
            "main_repo_path": place.repository,
            "working_directory": place.working_directory,
        }


def filled(
    definition: WorkflowDefinition | None, given: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return launch parameters, checked where the template is known here."""
    if definition is None or definition.launch_template is None:
        return None if given is None else dict(given)
    return definition.launch_template.fill(given or {})
