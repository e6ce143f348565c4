"""All tables, imported so that the metadata is complete for migrations."""

from hephaestus_core.access import models as access
from hephaestus_core.agents import models as agents
from hephaestus_core.attention import models as attention
from hephaestus_core.budgets import models as budgets
from hephaestus_core.changes import models as changes
from hephaestus_core.conductor import models as conductor
from hephaestus_core.costs import models as costs
from hephaestus_core.db.base import Base
from hephaestus_core.definitions import models as definitions
from hephaestus_core.diagnoses import models as diagnoses
from hephaestus_core.enrichment import models as enrichment
from hephaestus_core.events import models as events
from hephaestus_core.facts import models as facts
from hephaestus_core.guardian import models as guardian
from hephaestus_core.hosts import models as hosts
from hephaestus_core.indexing import models as indexing
from hephaestus_core.lifecycle import models as lifecycle
from hephaestus_core.llm import models as llm
from hephaestus_core.memory import models as memory
from hephaestus_core.messages import models as messages
from hephaestus_core.notifications import models as notifications
from hephaestus_core.questions import models as questions
from hephaestus_core.repositories import models as repositories
from hephaestus_core.results import models as results
from hephaestus_core.reviews import models as reviews
from hephaestus_core.tasks import models as tasks
from hephaestus_core.terminals import models as terminals
from hephaestus_core.trajectories import models as trajectories
from hephaestus_core.vectors import models as vectors
from hephaestus_core.visits import models as visits
from hephaestus_core.workflows import models as workflows

__all__ = [
    "access",
    "agents",
    "attention",
    "budgets",
    "changes",
    "conductor",
    "costs",
    "definitions",
    "diagnoses",
    "enrichment",
    "events",
    "facts",
    "guardian",
    "hosts",
    "indexing",
    "lifecycle",
    "llm",
    "memory",
    "messages",
    "metadata",
    "notifications",
    "questions",
    "repositories",
    "results",
    "reviews",
    "tasks",
    "terminals",
    "trajectories",
    "vectors",
    "visits",
    "workflows",
]

metadata = Base.metadata
