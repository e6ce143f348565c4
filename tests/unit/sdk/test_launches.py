"""What a launch carries of the settings."""

from dataclasses import replace

from hephaestus_sdk.config import Settings
from hephaestus_sdk.launching.launches import Launches
from hephaestus_sdk.models import Phase, WorkflowConfig, WorkflowDefinition

SETTINGS = Settings(main_repo_path="/srv/project", auto_merge=False)


def test_what_stands_at_its_default_is_left_to_the_stack() -> None:
    options = Launches(local=False, explicit=frozenset()).options(SETTINGS, None, {})
    assert options == {
        "main_repo_path": "/srv/project",
        "working_directory": ".",
        "auto_merge": False,
    }


def test_a_default_that_was_given_on_purpose_is_sent() -> None:
    launches = Launches(local=False, explicit=frozenset({"conflict_resolution"}))
    assert launches.options(SETTINGS, None, {})["conflict_resolution"] == "newest_file_wins"


def test_a_setting_gives_way_to_the_definition_unless_given_on_purpose() -> None:
    settings = replace(SETTINGS, conflict_resolution="manual")
    launches = Launches(local=False, explicit=frozenset())
    for policy, sent in ((None, "manual"), ("agent", None)):
        definition = WorkflowDefinition(
            "a", "A", [Phase(1, "a", "b")], WorkflowConfig(conflict_resolution=policy)
        )
        options = launches.options(settings, None, {}, definition=definition)
        assert options.get("conflict_resolution") == sent
    purposely = Launches(local=False, explicit=frozenset({"conflict_resolution"}))
    options = purposely.options(settings, None, {}, definition=definition)
    assert options["conflict_resolution"] == "manual"


def test_options_of_the_launch_win_over_settings() -> None:
    options = Launches(local=False, explicit=frozenset({"auto_merge"})).options(
        SETTINGS,
        "/srv/other/api",
        {"main_repo_path": "/srv/other", "auto_merge": True, "max_agents": 2},
    )
    assert options == {
        "main_repo_path": "/srv/other",
        "working_directory": "api",
        "auto_merge": True,
        "max_agents": 2,
    }


def test_another_repository_does_not_get_the_folder_of_this_one() -> None:
    launches = Launches(local=False, explicit=frozenset())
    settings = replace(SETTINGS, working_directory="api")
    other = launches.options(settings, None, {"main_repo_path": "/srv/other"})
    assert (other["main_repo_path"], other["working_directory"]) == ("/srv/other", ".")
    for same in ({}, {"main_repo_path": "/srv/project"}):
        assert launches.options(settings, None, same)["working_directory"] == "api"
    assert launches.options(settings, "web", {})["working_directory"] == "web"
