"""Prove a bug with a failing test, remove its cause, and verify the merged state."""

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
