"""``{placeholders}`` in a definition's texts, replaced by launch parameters."""

import re
from collections.abc import Mapping
from typing import Any, Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT

#: Most characters of all texts of one launch together.
MOST_FILLED: Final = 2_000_000

#: The checks that are nothing without a command.
_OF_COMMANDS: Final = frozenset({"command_success", "performance_metric"})
#: A boolean as a text has it: a prompt is read by a person and a model, not by Python.
_WORDS: Final = {True: "yes", False: "no"}
#: The reviewers that a boolean stands for.
_REVIEWERS: Final = {_WORDS[True]: "person", _WORDS[False]: "agent"}
#: ``{name}`` alone, so that braces of code or JSON in a prompt stay as they are.
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def placeholders(text: str) -> list[str]:
    """Return the names of the ``{placeholders}`` in a text, each once, in order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def parts(text: str) -> list[str]:
    """Return a text cut at its ``{placeholders}``: by turns what stands between, and a name."""
    return _PLACEHOLDER.split(text)


def is_placeholder(text: str) -> bool:
    """Return whether a text is one ``{placeholder}`` and nothing else."""
    return _PLACEHOLDER.fullmatch(text) is not None


def written(value: Any) -> str:
    """Return a parameter's value as it stands in a text."""
    return _WORDS[value] if isinstance(value, bool) else str(value)


class Filling:
    """Puts the parameters of one launch into the texts of its definition.

    Sizes are summed before a text is made: a short text may name a long parameter many times.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._values = {name: written(value) for name, value in parameters.items()}
        self._left = MOST_FILLED

    def text(self, text: str, field: str) -> str:
        """Return ``text`` with each known ``{name}`` replaced, in one pass.

        Placeholders within a value are not replaced, so no value can insert another.

        Raises:
            InvalidInput: the text, or all texts of the launch together, would be too long.
        """
        size = len(text) + sum(map(self._growth, _PLACEHOLDER.findall(text)))
        self._left -= size
        if size > DESCRIPTION_LIMIT or self._left < 0:
            raise InvalidInput(
                f"The launch parameters make '{field}' {size:,} characters long; at most "
                f"{DESCRIPTION_LIMIT:,} are taken for a text, and {MOST_FILLED:,} for all texts of "
                "a launch. Put long material in a file of the repository and name that file.",
                field="launch_params",
            )
        return _PLACEHOLDER.sub(lambda match: self._values.get(match[1], match[0]), text)

    def phase(self, phase: Mapping[str, Any]) -> dict[str, Any]:
        """Return a phase's JSON shape with the placeholders in all of its texts replaced.

        Raises:
            InvalidInput: as :meth:`text`.
        """
        result = dict(phase)
        for name in ("description", "additional_notes"):
            result[name] = self.text(result[name], name)
        for name in ("done_definitions", "outputs", "next_steps"):
            result[name] = [self.text(item, name) for item in result[name]]
        if isinstance(result.get("most_tasks"), str):
            result["most_tasks"] = _number(self.text(result["most_tasks"], "most_tasks"))
        if result.get("validation"):
            result["validation"] = self._validation(result["validation"])
        return result

    def config(self, config: Mapping[str, Any], default_criteria: str) -> dict[str, Any]:
        """Return the JSON shape of a definition's ``config`` with its texts filled.

        Raises:
            InvalidInput: as :meth:`text`.
        """
        result = dict(config)
        result["result_criteria"] = self.text(
            config["result_criteria"] or default_criteria, "result_criteria"
        )
        for name in ("setup_command", "test_command", "lint_command", "delivery_check"):
            result[name] = self.text(result[name], name)
        checks = [(item, self.check(item)) for item in result["result_checks"]]
        result["result_checks"] = [filled for item, filled in checks if _is_meant(item, filled)]
        return result

    def check(self, check: Mapping[str, Any]) -> dict[str, Any]:
        """Return a check's JSON shape with its texts filled.

        A value of several lines in ``target`` or ``pattern`` makes several entries.

        Raises:
            InvalidInput: as :meth:`text`.
        """
        result = dict(check)
        for name in ("description", "command", "metric"):
            result[name] = self.text(result[name], name)
        for name in ("target", "pattern"):
            filled = (self.text(item, name) for item in result[name])
            lines = (line.strip() for text in filled for line in text.splitlines())
            result[name] = [line for line in lines if line]
        return result

    def _validation(self, validation: Mapping[str, Any]) -> dict[str, Any]:
        result = dict(validation)
        for name in ("validator_instructions", "reviewer"):
            result[name] = self.text(result[name], name)
        result["reviewer"] = _REVIEWERS.get(result["reviewer"], result["reviewer"])
        criteria = [
            (item, self.text(item, "criteria") if isinstance(item, str) else self.check(item))
            for item in result["criteria"]
        ]
        result["criteria"] = [filled for item, filled in criteria if _is_meant(item, filled)]
        return result

    def _growth(self, name: str) -> int:
        value = self._values.get(name)
        return 0 if value is None else len(value) - len(name) - len("{}")


def _number(filled: str) -> int | str | None:
    """Return the number that a text is; None for an empty one; else the text, for its refusal."""
    return int(filled) if filled.isdecimal() else filled or None


def _is_meant(item: Any, filled: Any) -> bool:
    """Say whether a criterion is one of this launch: a check whose command stays empty is none."""
    if isinstance(item, str) or item["check_type"] not in _OF_COMMANDS:
        return True
    return bool(filled["command"].strip()) or not item["command"]
