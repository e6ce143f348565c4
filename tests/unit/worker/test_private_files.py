import os
from pathlib import Path

import pytest

from hephaestus_worker.terminal.private_files import read_word


@pytest.mark.parametrize("word", ["a", "01a2121e-1034-7bf2", "ses_123", "x" * 128])
def test_a_word_is_read(tmp_path: Path, word: str) -> None:
    (tmp_path / "kept").write_text(word)
    assert read_word(tmp_path / "kept") == word


@pytest.mark.parametrize("text", ["", "--option", "two words", "../up", "x" * 129, "x\n", "ü"])
def test_any_other_text_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept").write_text(text)
    assert read_word(tmp_path / "kept") is None


def test_what_is_no_file_is_none_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "word").write_text("word")
    (tmp_path / "link").symlink_to("word")
    (tmp_path / "endless").symlink_to("/dev/zero")
    for name in ("pipe", "link", "endless", "absent", "."):
        assert read_word(tmp_path / name) is None
