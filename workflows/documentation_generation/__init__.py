"""Write documentation whose statements, commands and links were tried."""

from workflows.documentation_generation.phases import (
    DOCUMENTATION_DEFINITION,
    DOCUMENTATION_LAUNCH_TEMPLATE,
    DOCUMENTATION_PHASES,
    DOCUMENTATION_WORKFLOW_CONFIG,
)

__all__ = [
    "DOCUMENTATION_DEFINITION",
    "DOCUMENTATION_LAUNCH_TEMPLATE",
    "DOCUMENTATION_PHASES",
    "DOCUMENTATION_WORKFLOW_CONFIG",
]
