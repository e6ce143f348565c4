"""Build working software from a product requirements document."""

from workflows.prd_to_software.phases import (
    PRD_DEFINITION,
    PRD_LAUNCH_TEMPLATE,
    PRD_PHASES,
    PRD_WORKFLOW_CONFIG,
)

__all__ = ["PRD_DEFINITION", "PRD_LAUNCH_TEMPLATE", "PRD_PHASES", "PRD_WORKFLOW_CONFIG"]
