"""Register several workflows and leave the launching to people, in the UI at port 3000.

python examples/multi_workflow.py /path/to/project
"""

import sys
import threading

from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.models import WorkflowDefinition
from workflows.bug_fix.phases import (
    BUG_FIX_LAUNCH_TEMPLATE,
    BUG_FIX_PHASES,
    BUG_FIX_WORKFLOW_CONFIG,
)
from workflows.prd_to_software.phases import (
    PRD_LAUNCH_TEMPLATE,
    PRD_PHASES,
    PRD_WORKFLOW_CONFIG,
)

prd_workflow = WorkflowDefinition(
    id="prd-to-software",
    name="PRD to Software Builder",
    description="Build working software from a Product Requirements Document",
    phases=PRD_PHASES,
    config=PRD_WORKFLOW_CONFIG,
    launch_template=PRD_LAUNCH_TEMPLATE,
)
bug_fix_workflow = WorkflowDefinition(
    id="bug-fix",
    name="Bug Fix",
    description="Analyze, fix, and verify bugs",
    phases=BUG_FIX_PHASES,
    config=BUG_FIX_WORKFLOW_CONFIG,
    launch_template=BUG_FIX_LAUNCH_TEMPLATE,
)


def main(project: str) -> None:
    sdk = HephaestusSDK(
        workflow_definitions=[prd_workflow, bug_fix_workflow],
        working_directory=project,
        main_repo_path=project,
    )
    try:
        sdk.start()
        print("Hephaestus runs. Launch at http://localhost:3000; Ctrl-C ends it.", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print("Shutting down…")
    finally:
        sdk.shutdown(graceful=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
