"""Pure decisions about results."""

from collections.abc import Mapping
from typing import Any

from hephaestus_core.contract.definitions.criteria import JUDGED, Check
from hephaestus_core.contract.statuses import ResultOutcome


def checks_of(config: Mapping[str, Any], outcome: ResultOutcome) -> list[Check]:
    """Return the checks that a host runs on a result, by its workflow's configuration.

    A result that is no success has none: what the checks ask for is the goal.
    """
    if outcome != ResultOutcome.DONE:
        return []
    return [check for check in _checks(config) if check.check_type not in JUDGED]


def questions_of(config: Mapping[str, Any]) -> list[str]:
    """Return the questions among the checks, which only a judge can answer."""
    return [check.description for check in _checks(config) if check.check_type in JUDGED]


def _checks(config: Mapping[str, Any]) -> list[Check]:
    listed = config.get("result_checks") or ()
    return [Check.from_dict(each, strict=False) for each in listed]
