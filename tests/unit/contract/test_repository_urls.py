"""Logins in the URLs of repositories."""

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login, masked_logins, taken_apart

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("given", "plain", "login"),
    [
        ("https://me:s3cret@host/a.git", "https://host/a.git", Login("me", SECRET)),
        ("HTTPS://me:s3cret@host/a", "HTTPS://host/a", Login("me", SECRET)),
        ("http://s3cret@host:8443/a?b=c@d", "http://host:8443/a?b=c@d", Login(SECRET, "")),
        ("https://me%40work:%2F@[fd00::1]:1/a", "https://[fd00::1]:1/a", Login("me@work", "/")),
        ("https://me:p@ss@host/a", "https://host/a", Login("me", "p@ss")),
        ("https://@host/a", "https://host/a", None),
        ("https://:@host", "https://host", None),
        ("https://host/a@b", "https://host/a@b", None),
    ],
)
def test_a_login_is_taken_out_of_a_url(given: str, plain: str, login: Login | None) -> None:
    assert taken_apart(given) == (plain, login)
    assert taken_apart(plain) == (plain, None)


@pytest.mark.parametrize(
    "given",
    ["/home/me/a:b@c", "ssh://git@host/a", "git@host:team/a.git", "file:///a@b", ""],
)
def test_what_has_no_login_stays(given: str) -> None:
    assert taken_apart(given) == (given, None)


@pytest.mark.parametrize(
    "given",
    [
        "ssh://git:s3cret@host/a",
        "git://s3cret@host/a",
        "ext::https://me:s3cret@host/a",
        "me:s3cret@host/a",
        "https://me:s3cret/s3cret@host/a",
        "https://me:s3cret@ho st/a",
        "https://me:s3cret@host=!x/a",
        "https://me:s3cret@*.example.org/a",
        "https://me:s3cret%0ahost=evil@host/a",
        "https://me:s3cret%00@host/a",
    ],
)
def test_what_cannot_be_told_apart_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(RepositoryError) as refused:
        taken_apart(given)
    assert refused.value.field == "main_repo_path"
    assert SECRET not in refused.value.message


def test_logins_are_masked_in_texts() -> None:
    told = masked_logins("see https://me:p@ss@example.org/a@b, redis://:pw@host")
    assert told == "see https://***@example.org/a@b, redis://***@host"
