"""The commands of a repository that stand in the configuration of each of its workflows."""

from collections.abc import Mapping
from typing import Any, Final

#: Their names, in the definition, the launch and the settings alike.
COMMANDS: Final = ("setup_command", "test_command", "lint_command")

#: Most characters of one command.
COMMAND_LIMIT: Final = 8192


def with_commands(
    config: Mapping[str, Any], asked: Mapping[str, str], usual: Mapping[str, str]
) -> dict[str, Any]:
    """Return a workflow's configuration with each command decided; empty: none is known.

    Args:
        config: of the definition, which wins over ``usual``.
        asked: the commands of the launch, which win over all others.
        usual: the commands in the settings of the repository.
    """
    return {
        **config,
        **{name: asked.get(name) or config[name] or usual.get(name, "") for name in COMMANDS},
    }
