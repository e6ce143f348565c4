"""Figures of the supervision of agents, for monitoring.

A crossing into the tables of agents, interventions, diagnoses, budgets and costs, which only reads.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import BudgetStatus, FindingKind, InterventionAction
from hephaestus_core.db.engine import Database
from hephaestus_core.guardian.observation import Label

#: Every query reads only live rows, or those of an hour or a day, from an index.
_VERDICTS: Final = text("""
    SELECT v.verdict, count(*) FROM agents a JOIN agent_watches v ON v.agent_id = a.id
    WHERE a.ended_at IS NULL AND v.verdict IS NOT NULL GROUP BY v.verdict
""")
_FINE: Final = text("""
    SELECT count(*) FROM agents WHERE ended_at IS NULL AND fine_until > now()
""")
_INTERVENTIONS: Final = text("""
    SELECT action, count(*) FROM interventions
    WHERE sent_at > now() - interval '1 hour' GROUP BY action
""")
_DIAGNOSES: Final = text("SELECT count(*) FROM diagnoses WHERE status = 'running'")
#: A row is of a workflow with agents at work, or is forgotten by the next look.
_COHERENCE: Final = text("SELECT coalesce(min(coherence), 1)::float8 FROM coherences")
_FINDINGS: Final = text("""
    SELECT each ->> 'kind', count(*) FROM coherences, jsonb_array_elements(findings) AS each
    GROUP BY 1
""")
_BUDGETS: Final = text("""
    SELECT status, count(*) FROM budgets WHERE status <> 'open' GROUP BY status
""")
_TODAY: Final = text("""
    SELECT coalesce(sum(dollars), 0)::float8 AS dollars,
           coalesce(sum(input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens),
                    0)::bigint AS tokens,
           coalesce(sum(unpriced_tokens), 0)::bigint AS unpriced
    FROM used_sums WHERE day = (now() AT TIME ZONE 'UTC')::date
""")


@dataclass(frozen=True)
class SupervisionFigures:
    """Figures at one moment; the keys of each are a fixed list of words."""

    verdicts: dict[str, int]
    """Live agents by the Guardian's verdict."""
    fine: int
    """Live agents that a person has called fine for now."""
    interventions: dict[str, int]
    """Acts of the Guardian within the last hour, by act."""
    diagnoses: int
    """Runs of the diagnostician that have not ended."""
    coherence: float
    """The lowest of all workflows with agents at work; 1 if there is none."""
    findings: dict[str, int]
    """Pairs of agents that are in each other's way, by kind."""
    budgets: dict[str, int]
    """Budgets of which at least four fifths are spent, by status."""
    dollars_today: float
    """Used by agents since midnight, UTC, as far as prices are known."""
    tokens_today: int
    unpriced_tokens_today: int


def supervision(db: Database) -> SupervisionFigures:
    """Return the present figures."""
    with db.reading() as session:
        today = session.execute(_TODAY).one()
        return SupervisionFigures(
            verdicts=_counts(session, _VERDICTS, Label),
            fine=_number(session, _FINE),
            interventions=_counts(session, _INTERVENTIONS, InterventionAction),
            diagnoses=_number(session, _DIAGNOSES),
            coherence=_number(session, _COHERENCE),
            findings=_counts(session, _FINDINGS, FindingKind),
            budgets=_counts(session, _BUDGETS, (BudgetStatus.NEAR, BudgetStatus.SPENT)),
            dollars_today=today.dollars,
            tokens_today=today.tokens,
            unpriced_tokens_today=today.unpriced,
        )


def _number(session: Session, query: TextClause) -> Any:
    return session.execute(query).scalar_one()


def _counts(session: Session, query: TextClause, words: Any) -> dict[str, int]:
    """Return the numbers by word; those without a row are 0, so that a series has no gaps."""
    known = dict.fromkeys(map(str, words), 0)
    return known | {row[0]: row[1] for row in session.execute(query) if row[0] in known}
