"""Folders whose subfolders are placed apart."""

import os
import subprocess
from pathlib import Path

import pytest

from hephaestus_worker.host.spreading import TOP_OF_HIERARCHIES, flags_of, spread_subfolders

_IN_MEMORY = Path("/dev/shm")


def _is_marked(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return bool(flags_of(descriptor) & TOP_OF_HIERARCHIES)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _is_ext(folder: Path) -> bool:
    asked = ["stat", "--file-system", "--format=%T", str(folder)]
    return subprocess.run(asked, check=True, capture_output=True).stdout.startswith(b"ext")


def test_folder_is_marked_where_the_file_system_has_the_mark(tmp_path: Path) -> None:
    spread_subfolders(tmp_path)
    assert _is_marked(tmp_path) == _is_ext(tmp_path)


def test_other_file_systems_are_left_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = _IN_MEMORY / tmp_path_factory.getbasetemp().name
    folder.mkdir()
    try:
        spread_subfolders(folder)
        assert not _is_marked(folder)
    finally:
        folder.rmdir()
