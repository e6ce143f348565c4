"""The links at the head of every page, in the order in which they stand there."""

from typing import Final

#: Endpoint and words of each link.
LINKS: Final = (
    ("pages.index", "Home"),
    ("pages.inbox", "For you"),
    ("pages.workflow_list", "Workflows"),
    ("pages.launches", "Launch"),
    ("pages.agents", "Agents"),
    ("pages.queue", "Queue"),
    ("pages.hosts", "Hosts"),
    ("pages.results", "Results"),
    ("pages.memories", "Memory"),
    ("pages.guardian", "Guardian"),
    ("pages.costs", "Costs"),
    ("pages.settings", "Settings"),
    ("pages.api_docs", "API"),
)
