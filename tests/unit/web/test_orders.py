"""Launch orders hold a repository's URL and its login apart."""

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.settings.config import Settings
from hephaestus_web.launching.orders import launch_order

SETTINGS = Settings(main_repo_path="https://me:usual@host/a.git")


def order(url: str | None) -> LaunchOrder:
    given = {"definition_id": "d", "main_repo_path": url}
    return launch_order(SETTINGS, given, created_by="me", key=None)


@pytest.mark.parametrize(
    ("url", "repository", "login"),
    [
        (None, "https://host/a.git", Login("me", "usual")),
        ("https://host/a.git", "https://host/a.git", Login("me", "usual")),
        ("https://me:new@host/a.git", "https://host/a.git", Login("me", "new")),
        ("https://host/b.git", "https://host/b.git", None),
    ],
)
def test_the_login_of_the_settings_goes_with_their_repository(
    url: str | None, repository: str, login: Login | None
) -> None:
    made = order(url)
    assert (made.repository, made.login) == (repository, login)


def test_a_repeated_order_may_have_a_new_login() -> None:
    first, second = order("https://me:0ne@host/a.git"), order("https://me:two@host/a.git")
    assert first.asked == second.asked
    assert "0ne" not in repr(first)


def test_a_refusal_does_not_show_the_login() -> None:
    with pytest.raises(RepositoryError) as refused:
        order("ssh://me:s3cret@host/a.git")
    assert "s3cret" not in refused.value.message
