"""The links at the head of every page, in the order in which they stand there."""

from typing import Final

#: Endpoint and words of each link.
LINKS: Final = (
    ("pages.index", "Home"),
    ("pages.inbox", "For you"),
    ("pages.api_docs", "API"),
)
