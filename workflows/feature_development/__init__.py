"""Understand a feature, build it slice by slice, and check the merged state."""

from workflows.feature_development.phases import (
    FEATURE_DEFINITION,
    FEATURE_LAUNCH_TEMPLATE,
    FEATURE_PHASES,
    FEATURE_WORKFLOW_CONFIG,
)

__all__ = [
    "FEATURE_DEFINITION",
    "FEATURE_LAUNCH_TEMPLATE",
    "FEATURE_PHASES",
    "FEATURE_WORKFLOW_CONFIG",
]
