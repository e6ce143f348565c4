"""Events of hosts."""

from typing import Final

from hephaestus_core.contract import event_fields as f

HOST_REGISTERED: Final = (
    "host.registered",
    "A worker has started on a host.",
    *f.NEW_HOST,
)
HOST_PROGRAMS_CHANGED: Final = (
    "host.programs_changed",
    "A program was installed or removed.",
    f.HOST,
    f.PROGRAMS,
)
HOST_LABELLED: Final = (
    "host.labelled",
    "A person has given a host labels.",
    f.HOST,
    f.Field("labels", "list of texts", "The new labels; null: its own again.", optional=True),
)
HOST_DRAINED: Final = ("host.drained", "A host takes no more work.", f.HOST)
HOST_RESUMED: Final = ("host.resumed", "A host takes work again.", f.HOST)
HOST_SUSPECTED: Final = ("host.suspected", "A host was found silent.", f.HOST)
HOST_LOST: Final = (
    "host.lost",
    "A host stayed silent.",
    f.HOST,
    f.Field("attempts", "number", "Attempts that were taken from it."),
)
HOST_RECOVERED: Final = ("host.recovered", "A lost host has given a sign of life.", f.HOST)
HOST_CLOCK_WRONG: Final = (
    "host.clock_wrong",
    "A host's clock differs from the database's by two seconds or more.",
    f.HOST,
    f.AHEAD,
)
HOST_CLOCK_RIGHT: Final = ("host.clock_right", "A host's clock is right again.", f.HOST, f.AHEAD)
HOST_UNWATCHED: Final = (
    "host.unwatched",
    "The Guardian's sweep of a host's agents is late, failed or missed agents.",
    f.HOST,
    f.REASON,
)
HOST_WATCHED: Final = ("host.watched", "The Guardian sees all agents of a host again.", f.HOST)
HOST_DEAF: Final = (
    "host.deaf",
    "No bell has come out of a host's queue for a minute, though some were sent.",
    f.HOST,
    f.REASON,
)
HOST_HEARS: Final = ("host.hears", "Bells come out of a host's queue again.", f.HOST)
ORPHAN_FOUND: Final = (
    "orphan.found",
    "Something is on a host that no live row of the database claims.",
    *f.ORPHAN,
    f.REASON,
    f.text("place", "Where it is on the host."),
    f.Field("size", "number", "Its bytes; null: not known.", optional=True),
)
ORPHAN_QUARANTINED: Final = (
    "orphan.quarantined",
    "It was stopped or moved aside, with its work saved first.",
    *f.ORPHAN,
    f.text("place", "Where it, or its log, is on the host."),
)
ORPHAN_REMOVED: Final = ("orphan.removed", "It was deleted after its time.", *f.ORPHAN)
HOST_UNWELL: Final = (
    "host.unwell",
    "A host claims nothing for now, since it failed by itself.",
    *f.FAULT,
    f.REASON,
    f.text("next_try_at", "When it tries to start an agent again.", optional=True),
)
HOST_WELL: Final = ("host.well", "A fault of a host is over.", *f.FAULT)
