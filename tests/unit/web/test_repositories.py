from pathlib import Path

import pytest

from hephaestus_core.config import load_settings
from hephaestus_core.errors import RepositoryError
from hephaestus_web.repositories import check_repository, checked_out_branch

SETTINGS = load_settings(environ={})


def _repository(folder: Path, head: str) -> str:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text(head)
    return str(folder)


@pytest.mark.parametrize(
    ("head", "branch"),
    [
        ("ref: refs/heads/master\n", "master"),
        ("ref: refs/heads/a/b\n", "a/b"),
        ("0123456789012345678901234567890123456789\n", None),
        ("ref: refs/heads/hephaestus/bug-fix-1\n", None),
    ],
)
def test_the_branch_that_is_checked_out_is_the_base(
    tmp_path: Path, head: str, branch: str | None
) -> None:
    assert checked_out_branch(_repository(tmp_path, head)) == branch


def test_a_url_has_nothing_checked_out() -> None:
    assert checked_out_branch("https://a.example/r.git") is None


@pytest.mark.parametrize("name", ["", "-u", "--upload-pack=x", "ext::sh -c x", "relative", "/none"])
def test_what_cannot_be_a_repository_is_refused(name: str) -> None:
    with pytest.raises(RepositoryError) as refused:
        check_repository(SETTINGS, name)
    assert refused.value.field == "main_repo_path"


@pytest.mark.parametrize("name", ["https://a.example/r", "git@a.example:r.git", "file:///r"])
def test_urls_are_for_the_hosts_to_reach(name: str) -> None:
    check_repository(SETTINGS, name)


def test_a_path_is_not_looked_up_where_hosts_may_be_elsewhere() -> None:
    check_repository(load_settings(environ={}, overrides={"mcp_host": "10.0.0.1"}), "/none")
