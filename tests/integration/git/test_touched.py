"""The lines that a branch changes."""

from hephaestus_worker.git.merging.touched import touched
from tests.integration.git.making import Host, Repo

LINES = "".join(f"line {number}\n" for number in range(1, 21))


def test_changed_lines_count_in_the_version_before(user: Repo, host: Host) -> None:
    base = user.commit({"a.txt": LINES, "mixed.txt": LINES, "gone.txt": "x\n"})
    # Text that looks like a patch is no part of one.
    looks_so = LINES.replace("line 5\n", "line 5\n++ b/other\n-- a/other\n").replace("line 9\n", "")
    tip = host.work(
        "one",
        {
            "a.txt": LINES.replace("line 3\nline 4\n", "three\n"),
            "mixed.txt": looks_so,
            "new.txt": "new\n",
            "gone.txt": None,
            "binary": b"\0\1",
        },
    )
    found = {file.path: file for file in touched(host.mirror, base, tip)}
    assert {path: list(file.ranges) for path, file in found.items()} == {
        "a.txt": [(3, 4)],
        "mixed.txt": [(5, 6), (9, 9)],
        "new.txt": [(1, 1_000_000_000)],
        "gone.txt": [(1, 1)],
    }
    assert found["a.txt"].blob == found["mixed.txt"].blob, "the same text before"
    assert set(found["new.txt"].blob) == {"0"}
    assert touched(host.mirror, base, base) == []
