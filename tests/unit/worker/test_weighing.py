"""Which new files are too much for one automatic commit."""

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hephaestus_core.contract.left_out import LeftOut, brief, in_words
from hephaestus_worker.git.worktrees.weighing import Limits, lying_in, too_heavy

LIMITS = Limits(files=10, bytes=1000)

#: A loaded machine is slow at drawing trees.
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def without_clashes(sizes: dict[str, int]) -> dict[str, int]:
    """Leave out files whose path is also that of a folder."""
    folders = {path[:end] for path in sizes for end, letter in enumerate(path) if letter == "/"}
    return {path: size for path, size in sizes.items() if path not in folders}


TREES = st.dictionaries(PATHS, st.integers(0, 1500), max_size=25).map(without_clashes)


@PATIENT
@given(TREES)
def test_the_rest_is_within_the_limits_and_each_file_is_on_one_side(sizes: dict[str, int]) -> None:
    left = too_heavy(sizes, LIMITS)
    heavy = lying_in(sizes, left)
    rest = [size for path, size in sizes.items() if path not in heavy]
    assert len(rest) <= LIMITS.files
    assert sum(rest) <= LIMITS.bytes
    assert sum(each.files for each in left) == len(heavy)
    assert sum(each.bytes for each in left) == sum(sizes[path] for path in heavy)


@PATIENT
@given(TREES)
def test_what_is_within_the_limits_is_left_whole(sizes: dict[str, int]) -> None:
    wide = Limits(files=len(sizes), bytes=sum(sizes.values()))
    assert too_heavy(sizes, wide) == []


@PATIENT
@given(TREES)
def test_all_that_is_left_out_was_needed(sizes: dict[str, int]) -> None:
    left = too_heavy(sizes, LIMITS)
    if left:
        kept = [sizes[path] for path in sizes.keys() - lying_in(sizes, left[:-1])]
        assert len(kept) > LIMITS.files or sum(kept) > LIMITS.bytes


def test_a_large_file_goes_without_its_folder() -> None:
    sizes = {"src/big": 5000, "src/code": 10, "other": 5}
    assert too_heavy(sizes, LIMITS) == [LeftOut("src/big", 1, 5000)]


def test_a_folder_of_many_files_goes_whole_and_without_its_neighbours() -> None:
    sizes = {f"app/cache/{n}": 1 for n in range(50)} | {"app/code": 1, "read.me": 1}
    assert too_heavy(sizes, LIMITS) == [LeftOut("app/cache/", 50, 50)]


def test_the_heaviest_folders_go_until_the_rest_fits() -> None:
    sizes = {f"{folder}/{n}": 1 for folder in "abc" for n in range(8)}
    assert too_heavy(sizes, LIMITS) == [LeftOut("a/", 8, 8), LeftOut("b/", 8, 8)]


def test_many_files_in_no_folder_go_together() -> None:
    sizes = {f"{n}": 1 for n in range(50)} | {"a/b": 1}
    assert too_heavy(sizes, LIMITS) == [LeftOut("./", 50, 50)]


def test_a_folder_is_not_another_one_with_a_longer_name() -> None:
    paths = ["data.csv", "data2/x", "data/x/y", "x"]
    assert lying_in(paths, [LeftOut("data", 1, 1)]) == set()
    assert lying_in(paths, [LeftOut("data/", 1, 1)]) == {"data/x/y"}
    assert lying_in(paths, [LeftOut("./", 1, 1)]) == {"data.csv", "x"}


def test_a_hundred_thousand_files_are_weighed_in_seconds() -> None:
    sizes = {f"{n % 300}/{n}/file": 1 for n in range(100_000)}
    begun = time.process_time()
    left = too_heavy(sizes, Limits())
    assert len(sizes) - len(lying_in(sizes, left)) <= Limits().files
    assert time.process_time() - begun < 20


def test_what_is_stored_and_said_is_bounded_and_plain() -> None:
    many = [LeftOut(f"folder{n}/", 2, 1_000_000) for n in range(30)]
    stored = brief([LeftOut("a\x1b[31m\n\udcff" + "x" * 1000, 1, 1), *many])
    assert len(stored) == 21
    assert stored[0].path.startswith("a\N{REPLACEMENT CHARACTER}[31m")
    assert stored[0].path.isprintable()
    assert len(stored[0].path) == 301
    assert stored[-1] == LeftOut("11 others", 22, 11_000_000)
    assert in_words(stored[-1:]) == "11 others (22 files, 11.0 MB)"
