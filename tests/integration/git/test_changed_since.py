"""Which files have changed since a commit."""

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.merging.changed_since import changed_since
from tests.integration.git.making import Host, Repo

LONG_AGO = {
    "a.py": "1\n",
    "same.py": "1\n",
    "gone.py": "1\n",
    "lib/b.py": "1\n",
    "lib2/b.py": "1\n",
    "*.md": "1\n",
}


def test_files_and_folders_that_differ_are_told(user: Repo, host: Host) -> None:
    before = user.commit(LONG_AGO)
    now = host.work("one", {"a.py": "2\n", "gone.py": None, "lib/b.py": "2\n", "x.md": "new\n"})
    asked = ["./a.py:12", "same.py", "gone.py", "lib", "lib2/", "*.md", "never.py"]

    assert changed_since(host.mirror, before, now, asked, timeout=20) == [
        "./a.py:12",
        "gone.py",
        "lib",
    ]
    assert changed_since(host.mirror, before, before, asked, timeout=20) == []


def test_a_path_that_leads_out_or_looks_like_an_option_is_none(user: Repo, host: Host) -> None:
    before = user.commit({"a.py": "1\n"})
    now = host.work("one", {"a.py": "2\n"})
    odd = [
        "/etc/passwd",
        "../../x",
        "a/../..",
        "--output=/tmp/x",
        ":(exclude)a.py",
        "",
        ".",
        "a\0b",
    ]

    assert changed_since(host.mirror, before, now, odd, timeout=20) == []
    assert changed_since(host.mirror, before, now, [*odd, "a.py"], timeout=20) == ["a.py"]


def test_without_the_commit_it_is_unknown(user: Repo, host: Host) -> None:
    now = user.commit({"a.py": "1\n"})
    for unknown in ("0" * 39 + "1", "--all", "base"):
        with pytest.raises(RepositoryError):
            changed_since(host.mirror, unknown, now, ["a.py"], timeout=20)
