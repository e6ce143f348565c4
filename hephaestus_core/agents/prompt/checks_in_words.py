"""The checks of a phase in words for an agent."""

from collections.abc import Iterable
from typing import Final

from hephaestus_core.contract.definitions.criteria import TESTS, Check

#: The fixed part of each sentence; ``{}`` is replaced by what the check names.
_SENTENCES: Final = {
    "file_exists": "these files exist: {target}",
    "file_contains": "{target} holds these texts: {pattern}",
    "command_success": "`{command}` ends with status {exit_status}",
    "test_pass": "{tests} pass",
    "test_fails": "the command of your `proof` fails, and its output holds the expected text",
    "performance_metric": "`{command}` prints {metric} {operator} {threshold}",
    "red_green": "the test of your `proof` fails without your change to the product and passes "
    "with it",
    "tests_kept": "no test is deleted, skipped or weakened",
    "paths_only": "the change touches only {paths}; CI, lock files and settings of agent programs "
    "only if they are named",
    "follows": "the next task or the result exists",
}


def in_words(checks: Iterable[Check]) -> list[str]:
    """Return one sentence for each check that the system runs by itself."""
    return [_SENTENCES[check.check_type].format(**_values(check)) for check in checks]


def _values(check: Check) -> dict[str, object]:
    return {
        "target": ", ".join(f"`{path}`" for path in check.target),
        "paths": ", ".join(map(_path, check.target)) or "what the task needs",
        "pattern": ", ".join(f"`{text}`" for text in check.pattern),
        "command": check.command,
        "exit_status": check.exit_status,
        "tests": f"the tests of `{check.command}`" if check.command else "all tests",
        "metric": f"`{check.metric}`" if check.metric else "a number",
        "operator": check.operator,
        "threshold": check.threshold,
    }


def _path(pattern: str) -> str:
    return "files of tests" if pattern == TESTS else f"`{pattern}`"
