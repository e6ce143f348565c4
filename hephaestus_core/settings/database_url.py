"""Database URLs as people write them, and as our processes use them."""


def with_driver(url: str) -> str:
    """Return a PostgreSQL URL with the driver that all our processes use; any other as it is."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg2://" + url.removeprefix(scheme)
    return url
