import pytest

from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.errors import InvalidInput, RepositoryError
from hephaestus_web.pages import launch_fields as form
from hephaestus_web.pages.launch_fields import PLACE, Fault

TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(name="bug_title", label="Bug"),
        LaunchParameter(name="count", type="number", required=False),
        LaunchParameter(name="fast", type="boolean", default=True),
        LaunchParameter(name="description", label="Story", required=False),
        LaunchParameter(name="launch_key", label="Key", required=False),
    ],
    phase_1_task_prompt="{bug_title}",
)


def test_a_link_fills_fields_by_their_own_names_and_nothing_hidden() -> None:
    link = {
        "bug_title": "It\x07 crashes",
        "fast": "no",
        "description": "mine",
        "main_repo_path": "/r",
        "launch_key": "theirs",
        "csrf_token": "theirs",
        "param-bug_title": "else",
        "nothing": "x",
    }
    values, faults = form.from_link(TEMPLATE, link)
    assert faults == []
    assert values == {
        "param-bug_title": "It␇ crashes",
        "param-fast": "false",
        "param-description": "mine",  # a parameter comes before our own field of that name
        "param-launch_key": "theirs",
        "main_repo_path": "/r",
    }


def test_a_link_with_values_that_do_not_fit_says_so() -> None:
    values, faults = form.from_link(TEMPLATE, {"count": "many", "bug_title": " "})
    assert values["param-count"] == "many"
    assert faults == [
        Fault("Count: expected a number, found 'many'.", "param-count"),
        Fault("Bug is required.", "param-bug_title"),
    ]


def test_faults_bear_labels_and_stand_in_the_order_of_the_fields() -> None:
    refusals = [
        RepositoryError("No repository is named; give 'main_repo_path'.", field="main_repo_path"),
        RepositoryError("/r has no branch 'x'.", field="base_branch"),
        InvalidInput("'max_agents' must be at least 1.", field="max_agents"),
        InvalidInput("Launch parameter 'bug_title' …", field="launch_params.bug_title"),
        InvalidInput("The launch parameters do not fit phase 2.", field="launch_params"),
    ]
    assert form.faults_in_words(refusals, TEMPLATE, {"param-bug_title": ""}) == [
        Fault("Bug is required.", "param-bug_title"),
        Fault("Repository is required.", "main_repo_path"),
        Fault("Base branch: /r has no branch 'x'.", "base_branch"),
        Fault("Most agents at once must be at least 1.", "max_agents"),
        Fault("The launch parameters do not fit phase 2."),
    ]


def test_an_order_has_the_values_of_the_form_by_the_names_of_the_api() -> None:
    values = {
        "param-bug_title": "x",
        "main_repo_path": " /r ",
        "base_branch": "",
        "auto_merge": "false",
        "max_agents": "3",
        "launch_key": "k",
    }
    assert form.order_of("bug-fix", TEMPLATE, values) == {
        "definition_id": "bug-fix",
        "main_repo_path": "/r",
        "auto_merge": False,
        "max_agents": 3,
        "launch_params": {
            "bug_title": "x",
            "count": "",
            "fast": "false",
            "description": "",
            "launch_key": "",
        },
    }


@pytest.mark.parametrize("number", ["many", "-1", "1.5", "9" * 4301, "²"])
def test_a_number_of_agents_that_is_none_is_refused(number: str) -> None:
    assert form.order_of("d", None, {"max_agents": number})["max_agents"] == 0


@pytest.mark.parametrize(
    ("given", "shown"),
    [("https://u:secret@a.example/r", "https://a.example/r"), ("https://u:secret/x@a/r", "")],
)
def test_no_login_is_shown(given: str, shown: str) -> None:
    [repository, _] = form.filled(PLACE, {"main_repo_path": given}, [])
    assert repository.value == shown
    assert "with its login" in repository.description


def test_a_parameter_with_a_login_is_to_be_entered_again() -> None:
    fields = map(form.parameter_field, TEMPLATE.parameters)
    given = {"param-bug_title": "see https://u:secret@a.example/r"}
    title = form.filled(fields, given, [])[0]
    assert title.value == ""
    assert "with its login" in title.description


def test_a_default_of_an_optional_text_is_a_hint_that_nobody_has_to_delete() -> None:
    steps = LaunchParameter(name="steps", type="textarea", required=False, default="(none)")
    lines = LaunchParameter(name="lines", type="textarea", required=False, default="a\nb")
    must = LaunchParameter(name="must", default="main")
    fields = [form.parameter_field(each) for each in (steps, lines, must)]
    assert [(each.value, each.hint) for each in fields] == [
        ("", "(none)"),
        ("a\nb", ""),
        ("main", ""),
    ]
    again = {"param-steps": "(none)", "param-lines": "c", "param-must": "main"}
    assert [each.value for each in form.filled(fields, again, [])] == ["", "c", "main"]
    [typed] = form.filled(fields[:1], {"param-steps": "Press it"}, [])
    assert (typed.value, typed.default) == ("Press it", "(none)")


def test_typed_values_leave_out_what_the_form_fills_in() -> None:
    template = LaunchTemplate(
        [
            LaunchParameter("title", label="Title"),
            LaunchParameter("kind", label="Kind", required=False, default="Other"),
        ],
        "{title} {kind}",
    )
    stored = {"kind": "Other", "former": "x", "title": "Wrong prices"}
    assert form.typed_values(template, stored) == {"Title": "Wrong prices", "former": "x"}
    assert form.typed_values(template, {"kind": "Crash"}) == {"Kind": "Crash"}
    assert form.typed_values(None, stored) == stored
