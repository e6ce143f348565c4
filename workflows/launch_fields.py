"""The launch parameters that all shipped workflows have, and the places that use them."""

from typing import Final

from hephaestus_sdk.models import Check, LaunchParameter

#: Tests belong to any work. CI, locks of dependencies and agent settings have to be spelled out.
NAMED_PATHS: Final = Check(check_type="paths_only", target=["{paths}", "@tests"])

#: The part of a launch's prompt that says what :data:`NAMED_PATHS` checks.
PATHS_IN_PROMPT: Final = """## Folders that may be changed
These, and tests; `**` is all that the work needs:
````
{paths}
````
"""


def common_parameters(*, most_tasks: int, of: str) -> list[LaunchParameter]:
    """Return the launch parameters of every shipped workflow.

    A definition uses ``{setup_command}`` and ``{test_command}`` in its config, ``{review}`` as a
    reviewer, ``{paths}`` by :data:`NAMED_PATHS`, and ``{most_tasks}`` as that of a phase and in the
    text of the phase that creates its tasks.

    Args:
        most_tasks: the default of the parameter with this name.
        of: the work that it counts, in the plural, such as ``fixes``.
    """
    return [
        LaunchParameter(
            name="setup_command",
            label="Set-up command",
            required=False,
            description="Makes a fresh checkout ready, such as `npm ci`; if empty, the repository's",
        ),
        LaunchParameter(
            name="test_command",
            label="Test command",
            required=False,
            description="Runs all tests; if empty, the repository's, else what agents record",
        ),
        LaunchParameter(
            name="paths",
            label="Folders that may be changed",
            type="textarea",
            required=False,
            default="**",
            description="One folder or pattern a line; tests may be changed in any case",
        ),
        LaunchParameter(
            name="review",
            label="Review by",
            type="dropdown",
            options=["agent", "machine", "person"],
            default="agent",
            description="Judges the work after the checks; machine: checks alone count",
        ),
        LaunchParameter(
            name="most_tasks",
            label=f"Most {of}",
            type="number",
            required=False,
            default=most_tasks,
            description="Each is a task; a round creates no more of them",
        ),
    ]
