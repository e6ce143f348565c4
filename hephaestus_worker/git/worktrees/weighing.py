"""Chooses which new files are too much for one automatic commit, from paths and sizes alone."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from hephaestus_core.contract.left_out import LeftOut


@dataclass(frozen=True)
class Limits:
    """The limits for all new files together in one automatic commit."""

    files: int = 1000
    bytes: int = 20_000_000


@dataclass
class _Node:
    """A file, or a folder with its new files."""

    name: str
    path: str
    files: int = 0
    bytes: int = 0
    below: dict[str, "_Node"] = field(default_factory=dict)

    def add(self, size: int) -> None:
        self.files += 1
        self.bytes += size

    def weight(self, limits: Limits) -> float:
        """Return its share of the limit that it comes closest to; above 1 it exceeds the limit."""
        return max(self.files / max(limits.files, 1), self.bytes / max(limits.bytes, 1))


def too_heavy(sizes: Mapping[str, int], limits: Limits) -> list[LeftOut]:
    """Return the files and folders to leave out so that the rest is within the limits.

    Each step leaves out the heaviest top folder, or the part of it that makes up more than half of
    its weight. So a large file goes without its folder, and a folder of many files goes whole.

    Args:
        sizes: the bytes of each new file, by path.
        limits: the limits for one commit.
    """
    root = _tree(sizes)
    heap = [(-node.weight(limits), name) for name, node in root.below.items()]
    heapq.heapify(heap)
    left = []
    while root.weight(limits) > 1:
        _, top = heapq.heappop(heap)
        way = [root, *_way_to_heaviest(root.below[top], limits)]
        heaviest = way[-1]
        left.append(LeftOut(heaviest.path, heaviest.files, heaviest.bytes))
        _cut_off(way)
        if top in root.below:
            heapq.heappush(heap, (-root.below[top].weight(limits), top))
    return left


def lying_in(paths: Iterable[str], left_out: Iterable[LeftOut]) -> set[str]:
    """Return the paths that `left_out` covers, directly or by a folder."""
    names = {each.path for each in left_out}
    return {path for path in paths if not names.isdisjoint([path, *folders_of(path)])}


def folders_of(path: str) -> list[str]:
    """Return the folders above a file, each with a final slash; "./" if there is none."""
    ends = [end + 1 for end, letter in enumerate(path) if letter == "/"]
    return [path[:end] for end in ends] or ["./"]


def _tree(sizes: Mapping[str, int]) -> _Node:
    root = _Node("", "")
    for path, size in sizes.items():
        node = root
        node.add(size)
        for name in _steps(path):
            if name not in node.below:
                above = "" if node.name == "./" else node.path
                node.below[name] = _Node(name, above + name)
            node = node.below[name]
            node.add(size)
    return root


def _steps(path: str) -> list[str]:
    """Return the names on the path to a file; those of folders end with a slash."""
    *folders, file = path.split("/")
    return [*(f"{name}/" for name in folders), file] if folders else ["./", file]


def _way_to_heaviest(node: _Node, limits: Limits) -> Iterator[_Node]:
    """Yield the node, then repeatedly the part that makes up more than half of the last one."""
    yield node
    while node.below:
        heaviest = max(node.below.values(), key=lambda part: (part.weight(limits), part.name))
        if heaviest.weight(limits) * 2 <= node.weight(limits):
            return
        node = heaviest
        yield node


def _cut_off(way: list[_Node]) -> None:
    """Remove the last node of the path from the tree, and all folders that become empty."""
    gone = way[-1]
    files, size = gone.files, gone.bytes
    for above, node in pairwise(way):
        node.files, node.bytes = node.files - files, node.bytes - size
        if not node.files:
            above.below.pop(node.name, None)
    way[0].files, way[0].bytes = way[0].files - files, way[0].bytes - size
