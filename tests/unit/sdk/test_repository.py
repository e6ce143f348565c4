"""Which repository and which folder a caller means."""

from pathlib import Path

import pytest

from hephaestus_sdk.errors import InvalidInput
from hephaestus_sdk.launching.repository import Place, locate


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = (tmp_path / "project").resolve()
    (root / ".git").mkdir(parents=True)
    (root / "src" / "deep").mkdir(parents=True)
    monkeypatch.chdir(root / "src")
    return root


def test_nothing_given_means_the_repository_around_the_current_folder(project: Path) -> None:
    assert locate(None, ".", local=True) == Place(str(project), "src")
    assert locate(None, "deep", local=True) == Place(str(project), "src/deep")


def test_an_absolute_working_directory_alone_names_the_project(project: Path) -> None:
    assert locate(None, str(project), local=True) == Place(str(project), ".")
    assert locate(None, str(project / "src"), local=True) == Place(str(project), "src")


def test_both_given_as_the_specification_does(project: Path) -> None:
    assert locate(str(project), str(project), local=True) == Place(str(project), ".")
    assert locate(str(project), str(project / "src"), local=True) == Place(str(project), "src")
    assert locate("../", "src", local=True) == Place(str(project), "src")


def test_a_link_to_the_project_is_the_project(project: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(project)
    assert locate(str(project), str(link / "src"), local=True) == Place(str(project), "src")


@pytest.mark.parametrize("local", [True, False])
def test_a_folder_outside_is_refused(project: Path, local: bool) -> None:
    with pytest.raises(InvalidInput, match="not inside the repository") as caught:
        locate(str(project), "/elsewhere", local=local)
    assert caught.value.field == "working_directory"


@pytest.mark.parametrize("url", ["https://host/x.git", "ssh://git@host/x", "git@host:x/y.git"])
def test_urls_are_left_alone(project: Path, url: str) -> None:
    assert locate(url, "sub", local=True) == Place(url, "sub")


def test_no_repository_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate(None, ".", local=True) == Place(None, ".")
    assert locate(None, str(tmp_path), local=True) == Place(str(tmp_path.resolve()), ".")


def test_paths_of_a_stack_elsewhere_are_its_own(project: Path) -> None:
    assert locate(None, ".", local=False) == Place(None, ".")
    assert locate(None, "/srv/project", local=False) == Place("/srv/project", ".")
    assert locate("/srv/project", "/srv/project/api", local=False) == Place("/srv/project", "api")
    assert locate("relative", "api", local=False) == Place("relative", "api")
