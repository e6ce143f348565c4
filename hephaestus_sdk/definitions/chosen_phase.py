"""The phase of a new task."""

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_sdk.errors import InvalidPhaseError


def chosen_phase(definition: WorkflowDefinition, phase_id: int | None) -> int:
    """Return the id of the phase; without one, of the first phase.

    Raises:
        InvalidPhaseError: the definition has no such phase; the message lists its phases.
    """
    if phase_id is None:
        return definition.phases[0].id
    if definition.phase(phase_id) is None:
        phases = ", ".join(f"{phase.id} {phase.name}" for phase in definition.phases)
        raise InvalidPhaseError(
            f"phase_id: there is no phase {phase_id!r}; the workflow has {phases}",
            field="phase_id",
        )
    return phase_id
