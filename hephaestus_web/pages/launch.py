"""The launch form of a definition, generated from its template."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.contract.errors import (
    HephaestusError,
    InvalidInput,
    KeyReused,
    RepositoryError,
)
from hephaestus_core.contract.repository_urls import taken_apart
from hephaestus_core.definitions.service import get_definition
from hephaestus_core.definitions.store import DefinitionView, makes_a_task
from hephaestus_core.lifecycle.service import start_workflow
from hephaestus_web.access.auth import caller
from hephaestus_web.launching.orders import launch_order
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.idempotency import once, own_key
from hephaestus_web.wiring import database, wiring

#: Fields of every launch, beside the template's own.
_COMMON = ("main_repo_path", "base_branch", "description", "task", "setup_command", "test_command")


@dataclass(frozen=True)
class Field:
    """One field of the form."""

    name: str
    label: str
    kind: str
    required: bool
    description: str
    options: list[str]
    value: str
    error: str | None


@blueprint.get("/launch/<definition_id>")
def launch(definition_id: str) -> str:
    """Show the form with its defaults."""
    definition = get_definition(database(), definition_id)
    settings = wiring().settings
    values = {
        "main_repo_path": settings.repository or "",
        "base_branch": settings.base_branch or "",
    }
    for parameter in _parameters(definition):
        default = parameter["default"]
        values[_input_name(parameter)] = "" if default is None else _text(default)
    return _page(definition, values, None)


@blueprint.post("/launch/<definition_id>")
def start(definition_id: str) -> ResponseReturnValue:
    """Start the workflow, or show the form again with each fault beside its field."""
    definition = get_definition(database(), definition_id)
    values = dict(request.form)
    body: dict[str, Any] = {name: values[name] for name in _COMMON if values.get(name)}
    body["definition_id"] = definition_id
    body["launch_params"] = {
        parameter["name"]: _given(parameter, values) for parameter in _parameters(definition)
    }
    key = own_key(caller(), f"form:{values.get('launch_key', '')[:100]}")
    try:
        order = launch_order(wiring().settings, body, created_by=caller().name, key=key)
        workflow = once(lambda: start_workflow(database(), order))
    except KeyReused:
        return Response(_page(definition, *_anew(values)), status=409)
    except (InvalidInput, RepositoryError) as error:
        return Response(_page(definition, values, error), status=422)
    return redirect(url_for("pages.workflow", workflow_id=workflow.id), 303)


def _anew(values: Mapping[str, str]) -> tuple[dict[str, str], KeyReused]:
    """Return the error for a changed form that was launched before."""
    kept = {name: value for name, value in values.items() if name != "launch_key"}
    return kept, KeyReused(
        "This form has started a workflow before, with other values. "
        "Send it once more to start another one with these."
    )


def _page(
    definition: DefinitionView, values: Mapping[str, str], error: HephaestusError | None
) -> str:
    fields = [_parameter_field(p, values, error) for p in _parameters(definition)]
    common = [
        _repository_field(values, error),
        _common_field("base_branch", "Base branch", values, error),
        _common_field("description", "What this run is for", values, error),
        _common_field("setup_command", "Set-up command", values, error),
        _common_field("test_command", "Test command", values, error),
    ]
    if not makes_a_task(definition):
        fields.append(
            _common_field("task", "What is to be done first", values, error, required=True)
        )
    shown = {field.error for field in [*fields, *common]}
    return render_template(
        "launch.html",
        definition=definition,
        fields=fields,
        common=common,
        general_error=error.message if error and error.message not in shown else None,
        launch_key=values.get("launch_key") or str(uuid4()),
    )


def _parameters(definition: DefinitionView) -> list[dict[str, Any]]:
    template = definition.launch_template
    return template["parameters"] if template else []


def _input_name(parameter: Mapping[str, Any]) -> str:
    # The prefix keeps a parameter from replacing one of the form's own fields.
    return f"param-{parameter['name']}"


def _given(parameter: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """Return the entered value; browsers do not send an unticked box."""
    absent = "false" if parameter["type"] == "boolean" else ""
    return values.get(_input_name(parameter), absent)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parameter_field(
    parameter: Mapping[str, Any], values: Mapping[str, str], error: HephaestusError | None
) -> Field:
    at_fault = error is not None and error.field == f"launch_params.{parameter['name']}"
    return Field(
        name=_input_name(parameter),
        label=parameter["label"],
        kind=parameter["type"],
        required=parameter["required"],
        description=parameter["description"],
        options=parameter["options"],
        value=_given(parameter, values),
        error=error.message if error and at_fault else None,
    )


def _repository_field(values: Mapping[str, str], error: HephaestusError | None) -> Field:
    """Return the field without the login of a URL, which no page shows."""
    given = values.get("main_repo_path", "")
    try:
        shown, _ = taken_apart(given)
    except RepositoryError:
        shown = ""
    field = _common_field(
        "main_repo_path", "Repository", {"main_repo_path": shown}, error, required=True
    )
    kept = shown == given or given == wiring().settings.repository
    return field if kept else replace(field, description="Enter the URL again with its login.")


def _common_field(
    name: str,
    label: str,
    values: Mapping[str, str],
    error: HephaestusError | None,
    *,
    required: bool = False,
) -> Field:
    return Field(
        name=name,
        label=label,
        kind="textarea" if name in {"description", "task"} else "text",
        required=required,
        description="",
        options=[],
        value=values.get(name, ""),
        error=error.message if error and error.field == name else None,
    )
