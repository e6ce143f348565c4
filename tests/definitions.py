"""Random workflow definitions, and random faults in them."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.criteria import CHECK_TYPES, Check, ValidationCriteria
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_parameters import (
    PARAMETER_TYPES,
    LaunchParameter,
)
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.policies import (
    CONFLICT_POLICIES,
    MERGE_TIMES,
    ON_RESULT_FOUND,
    REVIEWERS,
)
from hephaestus_core.contract.programs import BUILT_IN_PROGRAMS

Json = dict[str, Any]

words = st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()))
exact_words = st.from_regex(r"[a-z][a-z0-9 .:/_-]{0,20}", fullmatch=True).filter(
    lambda text: ".." not in text.split("/")  # paths do not lead out of the repository
)
anything = st.text(max_size=40)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
programs = st.sampled_from(BUILT_IN_PROGRAMS)
fallbacks = st.none() | st.lists(programs | programs.map(lambda name: f"{name}:big"), max_size=2)

reviews = st.builds(
    Check,
    check_type=st.sampled_from(CHECK_TYPES),
    description=words,
    target=st.lists(exact_words, min_size=1, max_size=2),
    pattern=st.lists(words, min_size=1, max_size=2),
    command=words,
    exit_status=st.integers(0, 255),
    metric=anything,
    operator=st.sampled_from(["<=", ">="]),
    threshold=st.floats(-9, 9, width=16),
    timeout=st.integers(1, 3600),
)
criteria = st.builds(
    ValidationCriteria,
    enabled=st.booleans(),
    criteria=st.lists(words | reviews, max_size=3),
    validator_instructions=anything,
    reviewer=st.sampled_from(REVIEWERS) | names.map(lambda name: f"{{{name}}}"),
    max_iterations=st.integers(1, 20),
)
commands = st.sampled_from(["", "make test", "npm ci"])
phases = st.builds(
    Phase,
    id=st.integers(0, 999),
    name=words,
    description=words,
    done_definitions=st.lists(words, max_size=3),
    working_directory=st.sampled_from([".", "src", "a/b", "/abs"]),
    additional_notes=anything,
    outputs=st.lists(words, max_size=3),
    next_steps=st.lists(words, max_size=3),
    validation=st.none() | criteria,
    leads_to=st.lists(st.just("result"), max_size=1),
    max_rounds=st.integers(1, 100),
    most_tasks=st.none() | st.integers(1, 100) | st.just("{most}"),
    merge=st.sampled_from(MERGE_TIMES),
    cli_tool=st.none() | programs,
    cli_model=st.none() | exact_words,
    cli_fallback=fallbacks,
    host_labels=st.lists(exact_words, max_size=2),
)
configs = st.builds(
    WorkflowConfig,
    has_result=st.booleans(),
    result_criteria=st.none() | words,
    result_checks=st.lists(reviews, max_size=2),
    on_result_found=st.sampled_from(ON_RESULT_FOUND),
    conflict_resolution=st.none() | st.sampled_from(CONFLICT_POLICIES),
    setup_command=commands,
    test_command=commands,
    lint_command=commands,
    delivery_check=commands,
    enable_tickets=st.booleans(),
    board_config=st.none() | st.dictionaries(words, words | st.integers() | st.none(), max_size=2),
    cli_fallback=fallbacks,
)


@st.composite
def parameters(draw: st.DrawFn) -> LaunchParameter:
    kind = draw(st.sampled_from(PARAMETER_TYPES))
    options = draw(st.lists(exact_words, min_size=1, max_size=4, unique=True))
    values = {
        "text": anything,
        "textarea": anything,
        "number": st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False, width=16),
        "boolean": st.booleans(),
        "dropdown": st.sampled_from(options),
    }
    return LaunchParameter(
        name=draw(names),
        label=draw(anything),
        type=kind,
        required=draw(st.booleans()),
        default=draw(st.none() | values[kind]),
        description=draw(anything),
        options=options if kind == "dropdown" else [],
    )


@st.composite
def templates(draw: st.DrawFn) -> LaunchTemplate:
    fields = draw(st.lists(parameters(), max_size=4, unique_by=lambda item: item.name))
    return LaunchTemplate(fields, " ".join(f"{{{item.name}}} and" for item in fields))


definitions = st.builds(
    WorkflowDefinition,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    name=words,
    phases=st.lists(phases, min_size=1, max_size=3, unique_by=lambda phase: phase.id),
    config=configs,
    description=anything,
    launch_template=st.none() | templates(),
    offered=st.booleans(),
)

#: Values of every kind, for any field. All interfaces must accept the same values in one form.
odd_values = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", " ", ".", "..", "cluade", "codex:big", "yes", "complete", "number", "{a}"]
    )
    | st.sampled_from(["a\x00b", "a\r\nb", "\x1b", "\ud800"])
    | anything
    | st.sampled_from(["x" * 201, "x" * 65_537])
    | st.lists(anything | st.none() | st.integers(), max_size=2)
    | st.dictionaries(anything, anything, max_size=2)
)


@dataclass(frozen=True)
class Spoiled:
    """A definition in its JSON shape with one changed value."""

    data: Json
    path: str
    """The path of the change, as in errors."""


@st.composite
def spoiled(draw: st.DrawFn) -> Spoiled:
    """Change, remove or add one name of a definition, anywhere in it."""
    data = deepcopy(draw(definitions).to_dict())
    path, holder = draw(st.sampled_from(_objects(data)))
    name = draw(st.sampled_from([*(key for key in holder if path or key != "id"), "colour"]))
    change: Callable[[], None] = draw(
        st.sampled_from(
            [lambda: holder.pop(name, None), lambda: holder.update({name: draw(odd_values)})]
        )
    )
    change()
    return Spoiled(data, f"{path}.{name}".lstrip("."))


def _objects(data: Json) -> list[tuple[str, Json]]:
    """Return each part of a definition with its path."""
    found = [("", data), ("config", data["config"])]
    found += [(f"phases[{n}]", phase) for n, phase in enumerate(data["phases"])]
    found += [
        (f"{p}.validation", phase["validation"])
        for p, phase in found[2:]
        if phase["validation"] is not None
    ]
    template = data["launch_template"]
    if template is not None:
        at = "launch_template"
        found.append((at, template))
        found += [(f"{at}.parameters[{n}]", p) for n, p in enumerate(template["parameters"])]
    return found
