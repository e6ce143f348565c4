"""An event as one line of text."""

from hephaestus_sdk.api.summary import first_line
from hephaestus_sdk.api.views import Event


def event_line(event: Event) -> str:
    """Return number, time, type and data of an event; nothing in it can command a terminal."""
    at = event.at.astimezone().strftime("%H:%M:%S") if event.at else "--:--:--"
    about = [
        f"{noun} {value[:8]}"
        for noun, value in (("task", event.task_id), ("agent", event.agent_id))
        if value
    ]
    data = ", ".join(f"{name}={first_line(str(value), 40)}" for name, value in event.data.items())
    return " ".join(filter(None, (f"{event.seq:>6} {at} {event.type}", *about, data)))
