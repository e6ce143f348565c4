"""Launch the bug-fix workflow from code, and follow it event by event.

python examples/launch_and_follow.py "Totals are wrong" "10 % off 50 gives 40 in place of 45"
"""

import sys

from hephaestus_sdk import HephaestusSDK
from workflows.bug_fix import BUG_FIX_DEFINITION


def main(title: str, description: str) -> int:
    with HephaestusSDK(workflow_definitions=[BUG_FIX_DEFINITION]) as sdk:
        workflow_id = sdk.start_workflow(
            "bug-fix",
            description=title,
            launch_params={
                "bug_title": title,
                "bug_description": description,
                "severity": "High",
            },
        )
        for event in sdk.events(workflow_id=workflow_id):
            print(f"{event.seq:>6} {event.type} {event.task_id or ''}", flush=True)
            if event.type == "workflow.quiet":
                break
        summary = sdk.wait_for_completion(workflow_id)
        print(summary)
    return 0 if summary.succeeded else 1


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:3] if len(sys.argv) > 2 else ("A bug", "It does not work"))))  # noqa: PLR2004
