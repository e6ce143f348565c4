"""Reproduce a bug, fix it, and have somebody else verify the fix."""

from workflows.bug_fix.phases import (
    BUG_FIX_DEFINITION,
    BUG_FIX_LAUNCH_TEMPLATE,
    BUG_FIX_PHASES,
    BUG_FIX_WORKFLOW_CONFIG,
)

__all__ = [
    "BUG_FIX_DEFINITION",
    "BUG_FIX_LAUNCH_TEMPLATE",
    "BUG_FIX_PHASES",
    "BUG_FIX_WORKFLOW_CONFIG",
]
