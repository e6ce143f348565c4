"""A gate in a CI pipeline: agents review a change, and the build fails if they find it wanting.

The gate holds only if an agent submitted a result and another one accepted it. That needs no
WorkflowConfig; this one says what the result is judged by, and ends all work once it is accepted.

Set HEPHAESTUS_URL and HEPHAESTUS_TOKEN to use a stack elsewhere; then the bare install is enough.
"""

import sys

from hephaestus_sdk import HephaestusSDK, Phase, TaskTimeoutError, WorkflowConfig
from hephaestus_sdk.errors import InvalidInput, RepositoryError

REVIEW_PHASES = [
    Phase(
        id=1,
        name="review",
        description=(
            "Review the change that the task names. Look for wrong results, missing tests and "
            "holes in security. Hand in a result that says whether it may be merged, and why."
        ),
        done_definitions=["Every changed file was read", "The project's tests were run"],
    )
]
GATE = WorkflowConfig(
    has_result=True,
    result_criteria="The review found nothing that must be corrected, and gives evidence for it.",
    on_result_found="stop_all",
)


def main(change: str) -> int:
    with HephaestusSDK(phases=REVIEW_PHASES, workflow_config=GATE) as sdk:
        sdk.create_task(f"Review {change}", phase_id=1)
        try:
            result = sdk.wait_for_result(timeout=30 * 60)
        except TaskTimeoutError as error:
            print(f"✗ No result in time\n{error.progress}")
            return 1
    if result.validated:
        print(f"✓ Review passed\n{result.text}")
        return 0
    print(f"✗ Review did not pass ({result.status})\n{result.feedback or result.text}")
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "the newest commit"))
    except (InvalidInput, RepositoryError) as error:  # the pipeline is at fault, not the change
        print(f"✗ {error}", file=sys.stderr)
        sys.exit(2)
