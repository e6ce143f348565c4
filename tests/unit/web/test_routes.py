from flask import Flask

from hephaestus_core.access.rules import Scope
from hephaestus_web.access.auth import ROUTES, Need, access_of


def test_the_table_of_needs_and_the_routes_are_the_same(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)


def test_only_health_readiness_static_files_and_the_login_are_open() -> None:
    opened = {endpoint for endpoint, need in ROUTES.items() if need is Need.NOTHING}
    assert opened == {"health.health", "health.ready", "static", "pages.login", "pages.log_in"}


def test_agents_reach_the_tools_and_nothing_else() -> None:
    assert [endpoint for endpoint, need in ROUTES.items() if need is Need.ANY_TOKEN] == ["mcp.call"]


def changing(app: Flask) -> set[str]:
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    } - {"pages.log_in", "pages.log_out", "mcp.call"}


def test_what_changes_something_takes_more_than_a_viewer_and_a_scope_of_its_own(app: Flask) -> None:
    assert len(changing(app)) > 10
    for endpoint in changing(app):
        access = access_of(endpoint)
        assert access is not None
        assert access.need not in {Need.NOTHING, Need.VIEWER}, endpoint
        assert access.scope is not Scope.READ, endpoint
