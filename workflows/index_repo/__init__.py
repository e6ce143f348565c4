"""Describe a repository area by area, with references that hold."""

from workflows.index_repo.phases import (
    INDEX_REPO_DEFINITION,
    INDEX_REPO_LAUNCH_TEMPLATE,
    INDEX_REPO_PHASES,
    INDEX_REPO_WORKFLOW_CONFIG,
)

__all__ = [
    "INDEX_REPO_DEFINITION",
    "INDEX_REPO_LAUNCH_TEMPLATE",
    "INDEX_REPO_PHASES",
    "INDEX_REPO_WORKFLOW_CONFIG",
]
