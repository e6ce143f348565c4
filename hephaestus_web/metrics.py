"""``/metrics`` for Prometheus: figures of the system, and durations of requests.

Figures from the database are read at each scrape. Each process counts its own requests; with
several processes, ``PROMETHEUS_MULTIPROC_DIR`` sums them up.
"""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from hephaestus_core.attention.service import inbox
from hephaestus_core.contract.attention import AttentionKind
from hephaestus_core.db.engine import Database
from hephaestus_core.llm.state import figures as llm_figures
from hephaestus_core.summaries.figures import figures
from hephaestus_core.summaries.supervision import supervision
from hephaestus_web.live.event_feed import EventFeed
from hephaestus_web.live.permits import Permits

blueprint: Final = Blueprint("metrics", __name__)

_KEY: Final = "metrics"
#: Seconds; the longest are for clients that wait for events.
_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)


class SystemFigures(Collector):
    """Figures of the database and of this process's waiting clients; read at each scrape."""

    def __init__(self, database: Database, feed: EventFeed, permits: Permits) -> None:
        self._database = database
        self._feed = feed
        self._permits = permits

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every gauge."""
        found = figures(self._database)
        behind = max(0, found.last_event - self._feed.newest)
        yield _gauge("tasks_queued", "Tasks that wait for a slot", found.queued)
        yield _gauge("oldest_queued_seconds", "Age of the oldest", found.oldest_queued_seconds)
        yield _gauge("event_lag", "Events that this process has yet to hand on", behind)
        yield _gauge("clients_waiting", "Clients that wait in this process", self._permits.held)
        yield _gauges("agents_running", "Live agents", "host", found.running)
        yield _gauges("tasks", "Tasks that have not ended", "status", found.tasks)
        yield _gauges("merges_open", "Merges that are not done", "status", found.merges)
        clocks = "Seconds that a host's clock is ahead of the database's"
        yield _gauges("host_clock_ahead_seconds", clocks, "host", found.clocks)
        sweeps = "Seconds since the Guardian last looked at a host's agents"
        yield _gauges("sweep_age_seconds", sweeps, "host", found.sweep_ages)
        alarms = "Whether a host's agents are not watched as they should be"
        yield _gauges("sweep_alarm", alarms, "host", found.sweep_alarms)
        canaries = "Seconds since a canary last came out of a host's queue"
        yield _gauges("canary_age_seconds", canaries, "host", found.canary_ages)
        deaf = "Whether a host has not heard its canary for too long"
        yield _gauges("canary_alarm", deaf, "host", found.canary_alarms)
        left = "Things on hosts that no live row claims"
        yield _gauges("orphans", left, "kind", found.orphans)
        yield _gauges("hosts", "Hosts", "condition", found.hosts)
        waiting = dict.fromkeys(map(str, AttentionKind), 0) | inbox(self._database, limit=0).kinds
        yield _gauges("attention", "Things that wait for a person or stand still", "kind", waiting)
        yield from self._supervision()
        asked = llm_figures(self._database)
        yield _gauge("llm_tokens_last_hour", "Tokens of the system's own calls", asked.tokens)
        yield _gauge("llm_dollars_last_hour", "Their known cost", asked.dollars)
        yield _gauges("llm_calls_last_hour", "Calls to models", "outcome", asked.calls)

    def _supervision(self) -> Iterator[GaugeMetricFamily]:
        seen = supervision(self._database)
        judged = "Live agents by the Guardian's verdict"
        yield _gauges("agents_by_verdict", judged, "verdict", seen.verdicts)
        yield _gauge("agents_called_fine", "Live agents that a person calls fine", seen.fine)
        acts = "Acts of the Guardian on agents"
        yield _gauges("interventions_last_hour", acts, "action", seen.interventions)
        yield _gauge("diagnoses_running", "Diagnoses that have not ended", seen.diagnoses)
        lowest = "Lowest coherence of workflows with agents at work, 0 to 1"
        yield _gauge("coherence_lowest", lowest, seen.coherence)
        found = "Pairs of agents that are in each other's way"
        yield _gauges("coherence_findings", found, "kind", seen.findings)
        yield _gauges("budgets", "Budgets that are nearly or wholly spent", "status", seen.budgets)
        yield _gauge("tokens_today", "Tokens of agents since midnight, UTC", seen.tokens_today)
        yield _gauge("dollars_today", "Their known cost", seen.dollars_today)
        unpriced = "Tokens among them without a known price"
        yield _gauge("unpriced_tokens_today", unpriced, seen.unpriced_tokens_today)


@dataclass(frozen=True)
class Metrics:
    """The metrics that one process records and shows."""

    durations: Histogram
    shown: CollectorRegistry


def install(app: Flask, database: Database, feed: EventFeed, permits: Permits) -> None:
    """Time every request of the application, and serve all figures."""
    own = CollectorRegistry()
    durations = Histogram(
        "hephaestus_request_seconds",
        "Time from a request to its answer",
        ("endpoint", "status"),
        buckets=_BUCKETS,
        registry=own,
    )
    app.extensions[_KEY] = Metrics(durations, _shown(own))
    _metrics(app).shown.register(SystemFigures(database, feed, permits))
    app.before_request(_begin)
    app.after_request(_observe)
    app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def show() -> Response:
    """Show all figures in Prometheus' text format."""
    return Response(generate_latest(_metrics(current_app).shown), content_type=CONTENT_TYPE_LATEST)


def _metrics(app: Flask) -> Metrics:
    found: Metrics = app.extensions[_KEY]
    return found


def _begin() -> None:
    g.began = time.perf_counter()


def _observe(response: Response) -> Response:
    # Labels are endpoints, and an unknown path has none: clients cannot add labels.
    labels = (request.endpoint or "none", str(response.status_code))
    seconds = time.perf_counter() - g.began
    _metrics(current_app).durations.labels(*labels).observe(seconds)
    return response


def _shown(own: CollectorRegistry) -> CollectorRegistry:
    """Return this process' registry, or one that sums up all processes."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return own
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"hephaestus_{name}", told, value=value)


def _gauges(name: str, told: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"hephaestus_{name}", told, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family
