"""One definition gets one verdict, in the same words, at every door."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.definitions.service import get_definition, save_definition
from hephaestus_sdk import HephaestusClient, WorkflowDefinition
from hephaestus_sdk.models import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    ValidationCriteria,
    WorkflowConfig,
)
from tests.definitions import Json, Spoiled, definitions, spoiled
from tests.web_server import ADMIN, WebServer


@dataclass(frozen=True)
class Verdict:
    """What a door said of a definition."""

    taken: Json | None = None
    """The definition in the form that is kept; None: it was refused."""
    field: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Doors:
    """The ways into one stack."""

    web: WebServer
    api: httpx.Client
    client: HephaestusClient

    def rest(self, data: Json) -> Verdict:
        """Send it as JSON, escaped, so that the wire carries whatever stands in it."""
        answer = self.api.put(
            f"/api/v1/workflow-definitions/{data['id']}",
            content=json.dumps(data),
            headers={"Content-Type": "application/json"},
        )
        told = answer.json()
        if answer.status_code == httpx.codes.OK:
            assert self.api.get(f"/api/v1/workflow-definitions/{data['id']}").json() == told
            return Verdict(told)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, told
        assert told["code"] == "invalid_input"
        return Verdict(field=told.get("field"), message=told["detail"])

    def core(self, data: Json) -> Verdict:
        """Save it without any door in between."""
        return _verdict(lambda: vars(save_definition(self.web.database, data)))

    def sdk(self, data: Json) -> Verdict:
        """Build it from its JSON shape, and register it as the SDK does."""
        return _verdict(lambda: self._registered(WorkflowDefinition.from_dict(data)))

    def objects(self, data: Json) -> Verdict:
        """Build it of objects, as people write it, and register it."""
        return _verdict(lambda: self._registered(_of_objects(data)))

    def _registered(self, definition: WorkflowDefinition) -> Json:
        saved = self.client.register(definition)
        assert saved == definition
        return saved.to_dict()


def _verdict(door: Callable[[], Json]) -> Verdict:
    try:
        return Verdict(door())
    except InvalidInput as error:
        return Verdict(field=error.field, message=error.message)


def _of_objects(data: Json) -> WorkflowDefinition:
    def built(kind: Any, value: Any) -> Any:
        return kind(**value) if isinstance(value, dict) else value

    def all_built(kind: Any, values: Any) -> Any:
        return [built(kind, item) for item in values] if isinstance(values, list) else values

    given = dict(data)
    phases = given.get("phases")
    if isinstance(phases, list):
        given["phases"] = [
            p | {"validation": built(ValidationCriteria, p.get("validation"))}
            if isinstance(p, dict)
            else p
            for p in phases
        ]
        given["phases"] = all_built(Phase, given["phases"])
    template = given.get("launch_template")
    if isinstance(template, dict) and "parameters" in template:
        parameters = all_built(LaunchParameter, template["parameters"])
        template = template | {"parameters": parameters}
    given["launch_template"] = built(LaunchTemplate, template)
    given["config"] = built(WorkflowConfig, given.get("config"))
    return WorkflowDefinition(**given)


@pytest.fixture(scope="module")
def doors(web: WebServer) -> Iterator[Doors]:
    """Every door of one stack."""
    with web.client() as api, HephaestusClient(web.url, ADMIN) as client:
        yield Doors(web, api, client)


pytestmark = pytest.mark.filterwarnings("ignore:.*does not act on it:UserWarning")


@settings(max_examples=60)
@given(definition=definitions)
def test_a_good_definition_is_taken_as_it_is(doors: Doors, definition: WorkflowDefinition) -> None:
    data = definition.to_dict()
    expected = Verdict(data)
    assert doors.rest(data) == expected
    assert doors.core(data) == expected
    assert doors.sdk(data) == expected
    assert doors.objects(data) == expected
    assert vars(get_definition(doors.web.database, definition.id)) == data


PHASE = {"id": 1, "name": "a", "description": "b"}


def _spoiled(path: str, **phase: Any) -> Spoiled:
    return Spoiled({"id": "x", "name": "X", "phases": [PHASE | phase]}, path)


@settings(max_examples=200)
@given(changed=spoiled())
@example(changed=_spoiled("phases[0].description", description=""))
@example(changed=_spoiled("phases[0].done_definitions", done_definitions=None))
@example(changed=_spoiled("phases[0].done_definitions", done_definitions=[""]))
@example(changed=_spoiled("phases[0].working_directory", working_directory=None))
@example(changed=_spoiled("phases[0].cli_tool", cli_tool="cluade"))
@example(changed=_spoiled("phases[0].name", name="\ud800"))
def test_every_door_gives_the_same_verdict(doors: Doors, changed: Spoiled) -> None:
    verdict = doors.rest(changed.data)
    assert doors.core(changed.data) == verdict
    assert doors.sdk(changed.data) == verdict
    if verdict.taken is None:
        assert verdict.field is not None
        # Another type of parameter may make its default wrong.
        default = changed.path.removesuffix("type") + "default"
        expected = verdict.field.startswith(changed.path) or verdict.field in {*_EFFECTS, default}
        assert expected, verdict
        assert verdict.message
        assert verdict.field in verdict.message
    try:
        of_objects = doors.objects(changed.data)
    except TypeError:  # Python's own refusal of a keyword that is unknown or missing
        assert verdict.taken is None
        return
    assert of_objects.taken == verdict.taken
    if verdict.field is not None:
        # A part that is built by itself cannot know where it will stand.
        assert of_objects.field is not None
        assert verdict.field.endswith(of_objects.field)


#: What a change elsewhere can put wrong: a placeholder without its parameter, two same ids.
_EFFECTS = {"launch_template.phase_1_task_prompt", "launch_template.parameters", "phases"}
