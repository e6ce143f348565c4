"""The launch of a workflow: the list of definitions, and the form of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.previews import Piece, pieces
from hephaestus_core.contract.errors import InvalidInput, KeyReused, RepositoryError
from hephaestus_core.contract.faults import each_of
from hephaestus_core.contract.repository_urls import taken_apart
from hephaestus_core.definitions.service import get_definition
from hephaestus_core.definitions.store import DefinitionView, makes_a_task
from hephaestus_core.lifecycle.launches import (
    definitions_by_use,
    repositories_used,
    values_of_launch,
)
from hephaestus_core.lifecycle.orders import template_of
from hephaestus_web.access.auth import caller
from hephaestus_web.launching.preflight import Preflight
from hephaestus_web.launching.preflight import preflight as look_ahead
from hephaestus_web.launching.starting import start as start_workflow
from hephaestus_web.pages import launch_fields as form
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.pages.launch_fields import Fault, Field
from hephaestus_web.requests.audit_trail import name_created
from hephaestus_web.requests.idempotency import own_key
from hephaestus_web.wiring import database, wiring


@dataclass(frozen=True)
class Prompt:
    """The first task's text as it will be."""

    pieces: Sequence[Piece]
    fault: str | None = None


@blueprint.get("/launch")
def launches() -> str:
    """Show all definitions that are offered, the last used first.

    A repository in the address is filled into the form of each.
    """
    return render_template(
        "launches.html",
        definitions=definitions_by_use(database()),
        repository=request.args.get("main_repo_path"),
    )


@blueprint.get("/launch/<definition_id>")
def launch(definition_id: str) -> str:
    """Show the form with its defaults, and with the values of a link."""
    definition = get_definition(database(), definition_id)
    given, faults = form.from_link(template_of(definition), request.args.to_dict())
    return _page(definition, {**_usual_place(), **given}, faults)


@blueprint.get("/launch/<definition_id>/again/<uuid:workflow_id>")
def launch_again(definition_id: str, workflow_id: UUID) -> str:
    """Show the form with the values by which a workflow was launched."""
    definition = get_definition(database(), definition_id)
    former = values_of_launch(database(), workflow_id)
    template = template_of(definition)
    parameters = {each.name: each for each in (template.parameters if template else ())}
    values = {
        form.input_name(parameters[name]): form.as_text(value)
        for name, value in former.pop("launch_params").items()
        if name in parameters
    }
    own = {name: form.as_text(value) for name, value in former.items() if value is not None}
    return _page(definition, {**own, **values})


@blueprint.post("/launch/<definition_id>")
def start(definition_id: str) -> ResponseReturnValue:
    """Start the workflow, or show the form again with all faults."""
    definition = get_definition(database(), definition_id)
    template = template_of(definition)
    values = _entered(template)
    body = form.order_of(definition_id, template, values)
    key = own_key(caller(), f"form:{values.get('launch_key', '')[:100]}")
    try:
        workflow = start_workflow(wiring(), body, created_by=caller().name, key=key)
    except KeyReused:
        return Response(_page(definition, *_anew(values)), status=409)
    except (InvalidInput, RepositoryError) as refusal:
        faults = form.faults_in_words(each_of(refusal), template, values)
        return Response(_page(definition, values, faults), status=422)
    name_created(workflow.id)
    return redirect(url_for("pages.workflow", workflow_id=workflow.id), 303)


@blueprint.post("/launch/<definition_id>/preview")
def preview(definition_id: str) -> str:
    """Show the form with the prompt and all that these values lead to; nothing is started."""
    definition = get_definition(database(), definition_id)
    template = template_of(definition)
    values = _entered(template)
    ahead = look_ahead(wiring(), definition, form.order_of(definition_id, template, values))
    return _page(definition, values, ahead=ahead)


def _entered(template: LaunchTemplate | None) -> dict[str, str]:
    values = dict(request.form)
    boxes = {each.name for each in (template.parameters if template else ())}
    given = form.given_parameters(template, values)
    return values | {f"param-{name}": given[name] for name in boxes}


def _anew(values: Mapping[str, str]) -> tuple[dict[str, str], list[Fault]]:
    """Return the fault of a changed form that was launched before."""
    kept = {name: value for name, value in values.items() if name != "launch_key"}
    told = (
        "This form has started a workflow before, with other values. "
        "Send it once more to start another one with these."
    )
    return kept, [Fault(told)]


def _usual_place() -> dict[str, str]:
    settings = wiring().settings
    usual, _ = taken_apart(settings.repository or "")
    return {"main_repo_path": usual, "base_branch": settings.base_branch or ""}


def _page(
    definition: DefinitionView,
    values: Mapping[str, str],
    faults: Iterable[Fault] = (),
    *,
    ahead: Preflight | None = None,
) -> str:
    faults = list(faults)
    template = template_of(definition)
    own = [form.parameter_field(each) for each in (template.parameters if template else ())]
    if not makes_a_task(definition):
        own.append(form.TASK)
    fields = form.filled(own, values, faults)
    more = form.filled(form.MORE, values, faults)
    return render_template(
        "launch.html",
        definition=definition,
        fields=fields,
        place=form.filled(form.PLACE, values, faults),
        more=more,
        more_open=any(each.error or each.value for each in more),
        faults=faults,
        ahead=ahead,
        prompt=_prompt(definition, template, fields),
        repositories=_known_repositories(),
        launch_key=values.get("launch_key") or str(uuid4()),
    )


def _known_repositories() -> list[str]:
    settings = wiring().settings
    usual, _ = taken_apart(settings.repository or "")
    known = [usual, *repositories_used(database()), *map(str, settings.repositories)]
    return list(dict.fromkeys(filter(None, known)))


def _prompt(
    definition: DefinitionView, template: LaunchTemplate | None, fields: Sequence[Field]
) -> Prompt:
    values = {field.name: field.value for field in fields}
    if template is None or not makes_a_task(definition):
        text = values[form.TASK.name]
        hole = f"{{{form.TASK.label}}}"
        return Prompt([Piece(text or hole, form.TASK.name, filled=bool(text.strip()))])
    given: dict[str, Any] = form.given_parameters(template, values)
    try:
        found = pieces(template, given)
    except InvalidInput as fault:
        return Prompt([], fault.message)
    return Prompt(
        [
            Piece(each.text, each.parameter and f"param-{each.parameter}", filled=each.filled)
            for each in found
        ]
    )
