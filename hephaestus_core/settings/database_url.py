"""The driver in database URLs."""


def with_driver(url: str) -> str:
    """Return a PostgreSQL URL with our driver; other URLs are unchanged."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg2://" + url.removeprefix(scheme)
    return url
