"""Run one piece of work without anybody watching: start, give work, wait, shut down.

Run it inside a git repository: python examples/automation.py "Build feature X"
"""

import sys

from hephaestus_sdk import HephaestusSDK, Phase

PHASES = [
    Phase(
        id=1,
        name="build",
        description="Build what the task asks for, with tests.",
        done_definitions=["The feature works", "Its tests pass"],
    ),
    Phase(
        id=2,
        name="check",
        description="Use the feature as a user would and try to break it.",
        done_definitions=["What was tried and what came out is in the summary"],
    ),
]


def main() -> int:
    with HephaestusSDK(phases=PHASES) as sdk:
        sdk.create_task(sys.argv[1] if len(sys.argv) > 1 else "Build feature X", phase_id=1)
        summary = sdk.wait_for_completion()
    print(summary)
    return 0 if summary.succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
