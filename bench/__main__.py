"""Run all measures or one: ``python -m bench [MEASURE]``. Exit code 1 means a missed target.

The argument is the name of a row, or of the module that measures several.
"""

import difflib
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bench import (
    accepting,
    agents_page,
    checking,
    creating,
    duplicates,
    finishing,
    following,
    frozen_broker,
    growth,
    guardian,
    idle,
    judging,
    mcp_calls,
    memory,
    memory_search,
    merging,
    outlining,
    pages,
    reading,
    recovering,
    report,
    showing,
    starting,
    throughput,
    unwell,
    upping,
    vectors,
    watching,
)
from bench.behaviours import measure as behaviours
from bench.rows import Row

FILE: Final = Path(__file__).resolve().parents[1] / "build" / "bench.json"

Measure = Callable[[], Mapping[str, Row]]

#: The measures, each with the names of its rows.
MEASURES: Final[dict[Measure, tuple[str, ...]]] = {
    starting.measure: ("start_ratio", "start_seconds"),
    starting.measure_big: ("big_start_ratio",),
    throughput.measure_starts: ("starts_per_second",),
    throughput.measure_tasks: ("tasks_per_hour",),
    accepting.measure: ("accepted_per_second",),
    mcp_calls.measure: ("mcp_call_milliseconds",),
    growth.measure: ("create_growth", "claim_growth"),
    merging.measure: ("merge_ratio",),
    finishing.measure: ("parallel_merges_ratio",),
    behaviours.measure: ("behaviours", "honest_blocked"),
    checking.measure: ("check_seconds", "clean_tree_seconds"),
    idle.measure: ("idle_memory", "idle_cpu"),
    upping.measure: ("up_seconds",),
    unwell.measure: ("broken_host_seconds",),
    recovering.measure: (
        *("killed_noticed_seconds", "killed_resumed_seconds"),
        *("question_inbox_seconds", "lost_host_seconds"),
    ),
    recovering.measure_refused: ("refused_key_seconds",),
    following.measure: ("events_p95_ms", "events_lost", "web_errors", "web_memory"),
    frozen_broker.measure: ("frozen_redis_ratio",),
    reading.measure: ("task_get_ms", "task_list_ms", "task_list_growth"),
    showing.measure: ("shown_p95_ms",),
    outlining.measure: ("workflow_page_kb", "workflow_refresh_kb", "workflow_page_ms"),
    agents_page.measure: (
        "first_load_home_kb",
        "first_load_agents_kb",
        "agents_page_kb_per_second",
        "agents_page_main_thread",
        "terminal_bytes_lost",
        "terminal_main_thread",
    ),
    pages.measure: (
        "page_home_ms",
        "page_inbox_ms",
        "page_workflows_ms",
        "page_ended_agents_ms",
        "page_growth",
    ),
    vectors.measure: ("vector_search_ms",),
    duplicates.measure: ("duplicates_precision", "duplicates_recall"),
    memory.measure: ("memory_recall", "memory_mrr", "memory_false_finds"),
    memory_search.measure: ("memory_search_ms",),
    guardian.measure: ("guardian_found", "guardian_false_kills", "guardian_false_nudges"),
    judging.measure: (
        *("judged_sweep_seconds", "swept_at_once_seconds"),
        *("quiet_sweep_calls", "quiet_sweep_bytes"),
    ),
    watching.measure: ("supervision_cpu",),
    creating.measure: ("duplicate_check_10k_ms", "duplicate_check_100k_ms"),
    creating.measure_at_once: ("same_tasks_wrong",),
    accepting.measure_compared: ("accepted_with_duplicates_ratio",),
}


def _group(measure: Measure) -> str:
    return measure.__module__.rpartition(".")[2]


NAMES: Final = tuple(
    dict.fromkeys(name for measure, names in MEASURES.items() for name in (*names, _group(measure)))
)


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or not set(arguments) <= set(NAMES):
        print(_refusal(arguments), file=sys.stderr)
        return 2
    rows = _run(arguments[0] if arguments else None)
    report.save(rows, FILE)
    print(report.table(rows))
    return 0 if all(row.ok for row in rows.values()) else 1


def _run(only: str | None) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for measure, names in MEASURES.items():
        wanted = [name for name in names if only in (None, name, _group(measure))]
        if wanted:
            began = time.monotonic()
            rows = measure()
            found |= {name: rows[name] for name in wanted}
            print(f"{', '.join(names)}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return found


def _refusal(arguments: list[str]) -> str:
    near = difflib.get_close_matches(arguments[0], NAMES, n=1)
    question = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no measure {' '.join(arguments)!r}.{question} Measures: {', '.join(NAMES)}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
