"""Launch parameters: the fields of a launch form, and checks of their values."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, NAME_LIMIT, plain

PARAMETER_TYPES: Final = ("text", "textarea", "number", "boolean", "dropdown")

_NAME: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{NAME_LIMIT - 1}}}")
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
#: The most characters of a number; parsing much longer ones would take long.
_LONGEST_NUMBER: Final = 110


@dataclass(frozen=True)
class LaunchParameter:
    """One field of the launch form."""

    name: str
    """The placeholder ``{name}`` in the prompt."""
    label: str = ""
    """The field's label in the form; default: made from the name."""
    type: str = "text"
    """One of :data:`PARAMETER_TYPES`; ``select`` means ``dropdown``."""
    required: bool = True
    default: Any = None
    description: str = ""
    options: list[str] = field(default_factory=list)
    """The choices of a dropdown."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise checks.refusal(
                f"{checks.shown(self.name)} cannot stand as {{name}} in a prompt; use letters, "
                f"digits and '_', at most {NAME_LIMIT}",
                "name",
            )
        checks.absent_to_default(self)
        with checks.at(f"parameter {self.name}"):
            self._check()

    def value(self, given: Any) -> Any:
        """Return ``given`` as this parameter's type; texts are parsed as numbers and booleans.

        Raises:
            InvalidInput: the value has another type; the message names the expected type.
        """
        readers = {"number": _number, "boolean": _boolean, "dropdown": self._choice}
        found = readers.get(self.type, _text)(given)
        if found is None:
            raise InvalidInput(
                f"Launch parameter '{self.name}': expected {self._expected()}, found "
                f"{checks.shown(given)}.",
                field=f"launch_params.{self.name}",
            )
        return found

    @property
    def hint(self) -> str:
        """The default, if a form shows it in a blank field that counts as it; else the empty text.

        Only texts of one line: nobody has to delete them first.
        """
        default = "" if self.default is None else str(self.default)
        fits = not self.required and self.type in {"text", "textarea"} and "\n" not in default
        return default if fits else ""

    def filled(self, given: Any) -> Any:
        """Return the given value, else the default, else the empty text; blank is not given.

        Raises:
            InvalidInput: the value is required and missing, or of the wrong type.
        """
        given = self._meant(given)
        if given is not None:
            return self.value(given)
        if self.required:
            raise InvalidInput(
                f"Launch parameter '{self.name}' ({self.label}) is required; give it a value.",
                field=f"launch_params.{self.name}",
            )
        return ""

    def fault(self, given: Any) -> str | None:
        """Return why :meth:`filled` refuses a value, by the label of its field; None: it does not.

        The sentence is for a form, which does not show the name.
        """
        given = self._meant(given)
        if given is None:
            return f"{self.label} is required." if self.required else None
        try:
            self.value(given)
        except InvalidInput:
            return f"{self.label}: expected {self._expected()}, found {checks.shown(given)}."
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "LaunchParameter":
        """Build from the JSON shape; see ``WorkflowDefinition.from_dict``."""
        return cls(**checks.arguments(cls, data, strict=strict))

    def _check(self) -> None:
        kind = "dropdown" if self.type == "select" else self.type
        label = checks.text(self.label, "label", limit=NAME_LIMIT).strip()
        checks.put(
            self,
            label=label or self.name.replace("_", " ").strip().capitalize() or self.name,
            type=checks.one_of(kind, "type", PARAMETER_TYPES),
            required=checks.flag(self.required, "required"),
            description=checks.text(self.description, "description"),
            options=checks.texts(self.options, "options"),
        )
        checks.unique(self.options, "options", "option")
        if self.type == "dropdown" and not self.options:
            raise checks.refusal("is empty; a dropdown needs options to choose from", "options")
        checks.put(self, default=self._checked_default())

    def _meant(self, given: Any) -> Any:
        """Return the value, or the default of a blank one; None if there is neither."""
        is_blank = given is None or (isinstance(given, str) and not given.strip())
        return self.default if is_blank else given

    def _checked_default(self) -> Any:
        if self.default is None or self.default == "":
            return None
        try:
            return self.value(self.default)
        except InvalidInput:
            says = f"expected {self._expected()}, found {checks.shown(self.default)}"
            raise checks.refusal(says, "default") from None

    def _choice(self, given: Any) -> str | None:
        chosen = _text(given)
        return chosen if chosen in self.options else None

    def _expected(self) -> str:
        if self.type == "dropdown":
            return f"one of {', '.join(self.options)}"
        return {"number": "a number", "boolean": "true or false"}.get(
            self.type, f"text of at most {DESCRIPTION_LIMIT:,} characters"
        )


def _text(given: Any) -> str | None:
    if checks.finite(given) is not None:  # Programs may pass an issue's number as a number.
        given = str(given)
    return plain(given) if isinstance(given, str) and len(given) <= DESCRIPTION_LIMIT else None


def _number(given: Any) -> int | float | None:
    if not isinstance(given, str):
        return checks.finite(given)
    if len(given) > _LONGEST_NUMBER:
        return None
    for kind in (int, float):
        try:
            return checks.finite(kind(given))
        except ValueError:
            continue
    return None


def _boolean(given: Any) -> bool | None:
    if isinstance(given, str):
        return _WORDS.get(given.strip().lower())
    return given if isinstance(given, bool) else None
