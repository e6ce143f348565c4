"""The driver in database URLs."""

_DRIVER = "postgresql+psycopg2://"


def with_driver(url: str) -> str:
    """Return a PostgreSQL URL with our driver; other URLs are unchanged."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return _DRIVER + url.removeprefix(scheme)
    return url


def without_driver(url: str) -> str:
    """Return a URL with our driver in the form of libpq; other URLs are unchanged."""
    if url.startswith(_DRIVER):
        return "postgresql://" + url.removeprefix(_DRIVER)
    return url
