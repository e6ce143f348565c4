"""The values of a launch: template parameters, and values from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_templates import filled_parameters
from hephaestus_sdk.config import Settings
from hephaestus_sdk.launching.repository import Place, locate

_DEFAULTS = Settings()
#: Settings that go with a launch, so that they count on a stack with other settings.
LAUNCH_SETTINGS = ("base_branch", "auto_merge", "conflict_resolution")


@dataclass(frozen=True)
class Launches:
    """Completes launches from the settings.

    Args:
        local: the stack sees this machine's files.
        explicit: names of settings that were given as parameters.
    """

    local: bool
    explicit: frozenset[str]

    def options(
        self,
        settings: Settings,
        working_directory: str | None,
        given: Mapping[str, Any],
        *,
        definition: WorkflowDefinition | None = None,
    ) -> dict[str, Any]:
        """Return the values of a launch: the given ones, else those of the settings.

        A setting at its default is left to the stack, and one that the definition decides to the
        definition.

        Args:
            settings: as :func:`placed` returns them.
            working_directory: of this launch; None: the settings' one, unless ``given`` names
            another
                repository.
            given: further values of this launch.
            definition: the one that is launched, if it is known here.
        """
        place = locate(settings.repository, settings.working_directory, local=self.local)
        repository = given.get("main_repo_path") or settings.repository
        if repository != settings.repository or working_directory is not None:
            place = self._named(repository, working_directory, place)
        decides = partial(_decides, definition)
        values = {
            name: getattr(settings, name)
            for name in LAUNCH_SETTINGS
            if name in self.explicit
            or (getattr(settings, name) != getattr(_DEFAULTS, name) and not decides(name))
        }
        return {
            **values,
            **given,
            "main_repo_path": place.repository,
            "working_directory": place.working_directory,
        }

    def _named(self, repository: str | None, folder: str | None, usual: Place) -> Place:
        """Return the repository and folder of a launch."""
        named = locate(repository, folder or ".", local=self.local)
        return usual if folder is None and named.repository == usual.repository else named


def _decides(definition: WorkflowDefinition | None, name: str) -> bool:
    """Say whether the definition has a value of its own for a setting."""
    return definition is not None and getattr(definition.config, name, None) is not None


def placed(settings: Settings, *, local: bool) -> Settings:
    """Return settings with the repository found and the working directory inside it.

    Raises:
        InvalidInput: ``working_directory`` is outside the repository.
    """
    place = locate(settings.repository, settings.working_directory, local=local)
    return replace(
        settings,
        main_repo_path=place.repository,
        working_directory=place.working_directory,
    )


def filled(
    definition: WorkflowDefinition | None, given: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return launch parameters, checked where the definition is known here."""
    if definition is None:
        return None if given is None else dict(given)
    return filled_parameters(definition.launch_template, given)
