"""What a definition may say that is stored with it, and that nothing acts on yet."""

import warnings
from collections.abc import Iterator

from hephaestus_core.contract.definitions.definition import WorkflowDefinition


def warn_of_stored_only(definition: WorkflowDefinition, *, stacklevel: int) -> None:
    """Give one ``UserWarning`` that names all of it, if there is any.

    Args:
        definition: which is about to be registered.
        stacklevel: where the warning points: 2 at the caller of this function.
    """
    names = ", ".join(_stored_only(definition))
    if names:
        warnings.warn(
            f"workflow {definition.id}: {names}: stored, but this version does not act on it; a "
            "later one does",
            UserWarning,
            stacklevel=stacklevel,
        )


def _stored_only(definition: WorkflowDefinition) -> Iterator[str]:
    if definition.config.enable_tickets:
        yield "enable_tickets"
    if definition.config.board_config:
        yield "board_config"
