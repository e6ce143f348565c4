"""How long merges take, beside plain git: the rows of :mod:`bench.git_merges`."""

from bench import git_merges
from bench.rows import Row, Target, p50


def measure_one() -> dict[str, Row]:
    """Return the row ``merge_ratio``."""
    return {"merge_ratio": _row(git_merges.merge_ratio(), Target(1.0), "raw_git_ms")}


def measure_side_by_side() -> dict[str, Row]:
    """Return the row ``parallel_merges_ratio``."""
    samples = git_merges.parallel_merges_ratio()
    return {"parallel_merges_ratio": _row(samples, Target(0.7), "sum_of_single_ms")}


def _row(samples: git_merges.Samples, target: Target, beside: str) -> Row:
    raw = {
        "ms": samples.ours,
        "ms_p50": p50(samples.ours),
        beside: samples.raw,
        f"{beside}_p50": p50(samples.raw),
    }
    return Row(samples.ratio, "x", target, len(samples.ours), raw)
