"""What makes a definition valid, and how launch parameters fill its texts."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hephaestus_core.contract.errors import InvalidInput, UnknownParameter
from hephaestus_core.contract.programs import BUILT_IN_PROGRAMS, checked_fallbacks, checked_program
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, NAME_LIMIT, plain_text, plain_texts

ON_RESULT_FOUND: Final = ("stop_all", "do_nothing", "complete")
PARAMETER_TYPES: Final = ("text", "textarea", "number", "boolean", "dropdown")
CONFLICT_POLICIES: Final = ("newest_file_wins", "agent", "manual")

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}", re.IGNORECASE)
#: ``{name}`` and nothing else: braces of code or JSON in a prompt are left alone.
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class Definition:
    """A workflow definition that has been checked."""

    id: str
    name: str
    description: str
    phases: list[dict[str, Any]]
    config: dict[str, Any]
    launch_template: dict[str, Any] | None
    offered: bool


def checked_definition(
    raw: Mapping[str, Any], programs: Collection[str] = BUILT_IN_PROGRAMS
) -> Definition:
    """Return the definition, or say what is wrong with it.

    Args:
        programs: the agent programs that there are.

    Raises:
        InvalidInput: names the field, e.g. ``phases[1].name``, and the remedy.
    """
    identity = plain_text(raw.get("id", ""), "id", limit=63, required=True)
    if not _ID.fullmatch(identity):
        raise InvalidInput(
            f"'id' is {identity!r}; use letters, digits, '-', '_' and '.', at most 63.", field="id"
        )
    template = raw.get("launch_template")
    return Definition(
        id=identity,
        name=plain_text(raw.get("name", ""), "name", limit=NAME_LIMIT, required=True),
        description=plain_text(raw.get("description") or "", "description"),
        phases=_checked_phases(raw.get("phases"), programs),
        config=_checked_config(raw.get("config") or {}, programs),
        launch_template=None if template is None else _checked_template(template),
        offered=bool(raw.get("offered", True)),
    )


def _checked_phases(raw: object, programs: Collection[str]) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or not raw:
        raise InvalidInput("'phases' is empty; a workflow needs at least one.", field="phases")
    phases = [_checked_phase(phase, f"phases[{n}]", programs) for n, phase in enumerate(raw)]
    numbers = [phase["id"] for phase in phases]
    for number in numbers:
        if numbers.count(number) > 1:
            raise InvalidInput(
                f"Phase id {number} is used twice; give each its own.", field="phases"
            )
    return sorted(phases, key=lambda phase: int(phase["id"]))


def _checked_phase(raw: object, at: str, programs: Collection[str]) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"'{at}' must be a phase with id, name and description.", field=at)
    number = raw.get("id")
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise InvalidInput(f"'{at}.id' must be a whole number from 0.", field=f"{at}.id")
    return {
        "id": number,
        "name": plain_text(raw.get("name", ""), f"{at}.name", limit=NAME_LIMIT, required=True),
        "description": plain_text(
            raw.get("description", ""), f"{at}.description", limit=DESCRIPTION_LIMIT
        ),
        "done_definitions": plain_texts(
            raw.get("done_definitions") or [], f"{at}.done_definitions"
        ),
        "working_directory": checked_folder(
            raw.get("working_directory") or ".", f"{at}.working_directory"
        ),
        "additional_notes": plain_text(raw.get("additional_notes") or "", f"{at}.additional_notes"),
        "outputs": plain_texts(raw.get("outputs") or [], f"{at}.outputs"),
        "next_steps": plain_texts(raw.get("next_steps") or [], f"{at}.next_steps"),
        "validation": raw.get("validation"),
        **_checked_program(raw, at, programs),
        "host_labels": plain_texts(raw.get("host_labels") or [], f"{at}.host_labels"),
    }


def _checked_program(raw: Mapping[str, Any], at: str, programs: Collection[str]) -> dict[str, Any]:
    tool = _optional_name(raw.get("cli_tool"), f"{at}.cli_tool")
    return {
        "cli_tool": tool and checked_program(tool, f"{at}.cli_tool", programs),
        "cli_model": _optional_name(raw.get("cli_model"), f"{at}.cli_model"),
        "cli_fallback": _fallbacks(raw.get("cli_fallback"), f"{at}.cli_fallback", programs),
    }


def _fallbacks(value: object, field: str, programs: Collection[str]) -> list[str] | None:
    """Return what stands in for the program; None leaves it to who is asked next."""
    return None if value is None else checked_fallbacks(plain_texts(value, field), field, programs)


def _optional_name(value: object, field: str) -> str | None:
    return None if value is None else plain_text(value, field, limit=NAME_LIMIT)


def checked_folder(value: object, field: str) -> str:
    """Return a folder inside a repository, relative to its root.

    An absolute path is the project's own folder as the SDK's user sees it; agents work in a
    worktree of it, so it stands for the root.

    Raises:
        InvalidInput: the path leads out of the repository.
    """
    folder = plain_text(value, field, limit=4096)
    if folder.startswith(("/", "~")):
        return "."
    if ".." in folder.split("/"):
        raise InvalidInput(
            f"'{field}' is {folder!r}, which leads out of the repository; "
            "name a folder inside it, relative to its root.",
            field=field,
        )
    return folder or "."


def _checked_config(raw: object, programs: Collection[str]) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidInput("'config' must be names with values.", field="config")
    found = raw.get("on_result_found") or "do_nothing"
    if found not in ON_RESULT_FOUND:
        raise InvalidInput(
            f"'config.on_result_found' is {found!r}{nearest(str(found), list(ON_RESULT_FOUND))}; "
            f"known: {', '.join(ON_RESULT_FOUND)}.",
            field="config.on_result_found",
        )
    return {
        "has_result": bool(raw.get("has_result", False)),
        "result_criteria": plain_text(raw.get("result_criteria") or "", "config.result_criteria")
        or None,
        "on_result_found": found,
        "enable_tickets": bool(raw.get("enable_tickets", False)),
        "board_config": raw.get("board_config"),
        "cli_fallback": _fallbacks(raw.get("cli_fallback"), "config.cli_fallback", programs),
    }


def _checked_template(raw: object) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidInput("'launch_template' must hold parameters.", field="launch_template")
    at = "launch_template.parameters"
    parameters = [
        _checked_parameter(parameter, f"{at}[{n}]")
        for n, parameter in enumerate(raw.get("parameters") or [])
    ]
    prompt = plain_text(
        raw.get("phase_1_task_prompt") or "",
        "launch_template.phase_1_task_prompt",
        limit=DESCRIPTION_LIMIT,
    )
    names = [parameter["name"] for parameter in parameters]
    for placeholder in _PLACEHOLDER.findall(prompt):
        if placeholder not in names:
            raise UnknownParameter(
                f"The launch prompt uses {{{placeholder}}}, which is no parameter of the "
                f"template{nearest(placeholder, names)}; declare it, or take it out.",
                field="launch_template.phase_1_task_prompt",
            )
    return {"parameters": parameters, "phase_1_task_prompt": prompt}


def _checked_parameter(raw: object, at: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"'{at}' must be a parameter with name, label and type.", field=at)
    name = plain_text(raw.get("name", ""), f"{at}.name", limit=NAME_LIMIT, required=True)
    kind = "dropdown" if raw.get("type") == "select" else raw.get("type")
    if kind not in PARAMETER_TYPES:
        raise InvalidInput(
            f"'{at}.type' is {kind!r}; known: {', '.join(PARAMETER_TYPES)}.", field=f"{at}.type"
        )
    options = plain_texts(raw.get("options") or [], f"{at}.options")
    if kind == "dropdown" and not options:
        raise InvalidInput(f"'{at}.options' is empty; a dropdown needs some.", field=at)
    return {
        "name": name,
        "label": plain_text(raw.get("label") or name, f"{at}.label", limit=NAME_LIMIT),
        "type": kind,
        "required": bool(raw.get("required", True)),
        "default": raw.get("default"),
        "description": plain_text(raw.get("description") or "", f"{at}.description"),
        "options": options,
    }


def checked_parameters(
    template: Mapping[str, Any] | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return all launch parameters, defaults filled in.

    Raises:
        UnknownParameter: a name that the template does not have.
        InvalidInput: a required value is missing, or one is of the wrong kind.
    """
    parameters = {} if template is None else {p["name"]: p for p in template["parameters"]}
    for name in given:
        if name not in parameters:
            raise UnknownParameter(
                f"Unknown launch parameter '{name}'{nearest(str(name), list(parameters))}; "
                f"known: {', '.join(parameters) or 'none'}.",
                field=f"launch_params.{name}",
            )
    return {name: _checked_value(p, given.get(name)) for name, p in parameters.items()}


def _checked_value(parameter: Mapping[str, Any], value: Any) -> Any:
    name, field = parameter["name"], f"launch_params.{parameter['name']}"
    value = parameter["default"] if value is None or value == "" else value
    if value is None or value == "":
        if parameter["required"]:
            raise InvalidInput(f"Launch parameter '{name}' is required.", field=field)
        return ""
    match parameter["type"]:
        case "number" if isinstance(value, bool) or not _is_number(value):
            raise InvalidInput(f"Launch parameter '{name}' must be a number.", field=field)
        case "boolean" if not isinstance(value, bool):
            if str(value).lower() not in {"true", "false"}:
                raise InvalidInput(f"Launch parameter '{name}' must be true or false.", field=field)
            return str(value).lower() == "true"
        case "dropdown" if value not in parameter["options"]:
            raise InvalidInput(
                f"Launch parameter '{name}' is {value!r}; choose one of "
                f"{', '.join(parameter['options'])}.",
                field=field,
            )
    return plain_text(value, field, limit=DESCRIPTION_LIMIT) if isinstance(value, str) else value


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def filled(text: str, parameters: Mapping[str, Any]) -> str:
    """Return ``text`` with each known ``{name}`` replaced, in one pass.

    What a value itself contains is never replaced again, so no value can pull in another.
    """
    return _PLACEHOLDER.sub(
        lambda match: str(parameters.get(match[1], match[0])),
        text,
    )


def filled_phase(phase: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the phase with launch parameters filled into all of its texts."""
    result = dict(phase)
    for name in ("description", "additional_notes"):
        result[name] = filled(result[name], parameters)
    for name in ("done_definitions", "outputs", "next_steps"):
        result[name] = [filled(item, parameters) for item in result[name]]
    return result


def branch_slug(name: str) -> str:
    """Return ``name`` as part of a branch name: lower case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "workflow"
