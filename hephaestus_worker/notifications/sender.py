"""One try to send one message: ``python -m hephaestus_worker.notifications.sender``.

It is a process of its own: look-ups of names and some of apprise's services have no time limit, so
it is killed when it takes too long. The order comes in by standard input, since arguments can be
read by other accounts, and the outcome goes out by standard output.
"""

import io
import json
import logging
import re
import sys
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from hephaestus_core.clock import utcnow
from hephaestus_worker.notifications.addresses import (
    ForbiddenAddress,
    guard_this_process,
    is_forbidden,
    refusal,
    refused,
)

#: Seconds to connect, and for each part of the answer.
_SECONDS: Final = 10.0
_OK: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
#: Statuses of HTTP at which the same message is refused again.
_FINAL: Final = {400, 410, 413, 415, 422}
_STATUS: Final = re.compile(r"error[=:]\s?(\d{3})")


def main() -> int:
    order = json.load(sys.stdin)
    guard_this_process()
    send = _webhook if order["type"] == "webhook" else _apprise
    json.dump(send(order), sys.stdout)
    return 0


def _webhook(order: dict[str, Any]) -> dict[str, Any]:
    host = urlsplit(order["url"]).hostname or ""
    if is_forbidden(host):
        return _failed(refusal(host))
    try:
        with (
            httpx2.Client(timeout=_SECONDS, follow_redirects=False) as client,
            client.stream(
                "POST", order["url"], content=order["body"].encode(), headers=order["headers"]
            ) as answer,
        ):
            return _judged(answer)
    except httpx2.TimeoutException:
        return _failed("it gave no answer in time")
    except httpx2.HTTPError as error:
        return _failed(_reason(error))


def _judged(answer: httpx2.Response) -> dict[str, Any]:
    status = answer.status_code
    if status in _OK:
        return {"trouble": None}
    if status in _REDIRECTS:
        return _failed(f"it answered {status}; redirects are not followed, so name their target")
    return {
        **_failed(f"it answered {status}"),
        "again": status not in _FINAL,
        "retry_after": _seconds(answer.headers.get("Retry-After")),
    }


def _seconds(text: str | None) -> float | None:
    """Return a Retry-After in seconds; None if it cannot be read."""
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - utcnow()).total_seconds())
    except (TypeError, ValueError):
        return None


def _reason(error: BaseException) -> str:
    """Return why no connection came about; such reasons name addresses, never a URL."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ForbiddenAddress):
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return f"it could not be reached ({type(error).__name__})"


def _apprise(order: dict[str, Any]) -> dict[str, Any]:
    import apprise  # it takes half a second, which webhooks are spared

    asset = apprise.AppriseAsset(
        app_id="Hephaestus", app_desc="Hephaestus", async_mode=False, secure_logging=True
    )
    service = apprise.Apprise.instantiate(order["url"], asset=asset, suppress_exceptions=True)
    if not isinstance(service, apprise.NotifyBase):
        return {**_failed("apprise does not know such a URL; see its list"), "again": False}
    log = io.StringIO()
    logging.getLogger("apprise").addHandler(logging.StreamHandler(log))
    took = apprise.Apprise(service, asset=asset).notify(
        body=order["text"], title=order["title"], body_format=apprise.NotifyFormat.TEXT
    )
    if took:
        return {"trouble": None}
    if refused():
        return _failed(refusal(refused()[0]))
    said = _STATUS.search(log.getvalue())
    return _failed(f"it answered {said[1]}" if said else "the service could not be reached")


def _failed(trouble: str) -> dict[str, Any]:
    return {"trouble": trouble}


if __name__ == "__main__":
    sys.exit(main())
