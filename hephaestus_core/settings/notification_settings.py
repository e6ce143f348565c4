"""Settings of the channels that notifications go to: webhooks, and what apprise can reach."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from hephaestus_core.contract.repository_urls import MASK
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.settings.values import converted

if TYPE_CHECKING:
    from hephaestus_core.settings.config import Settings

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ELSEWHERE: Final = "put it into a file or an environment variable, and name that"


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    """A channel. Its secrets stand in files or variables, which are named here."""

    type: Literal["webhook", "apprise"]
    url: str | None = None
    """Of a webhook, if it holds no secret."""
    url_file: Path | None = None
    """File with the URL of the webhook, or with that of apprise."""
    url_env: str | None = None
    """Environment variable with it."""
    secret_file: Path | None = None
    """File with the key that a webhook is signed with."""
    secret_env: str | None = None
    """Environment variable with it."""
    severity: Literal["blocker", "warning", "notice"] = "warning"
    """The least severity of what is sent there."""


def channels_of(settings: "Settings") -> dict[str, ChannelSettings]:
    """Return the channels by name; the settings have no faults."""
    types = {f.name: f.type for f in fields(ChannelSettings)}
    return {
        str(name): ChannelSettings(**{k: converted(v, types[k]) for k, v in raw.items()})
        for name, raw in settings.notification_channels.items()
    }


def notification_faults(settings: "Settings") -> Iterator[str]:
    """Yield a sentence for each fault; none shows what may be a secret."""
    for name, raw in settings.notification_channels.items():
        where = f"notification_channels '{name}': "
        if not _NAME.fullmatch(str(name)):
            yield where + "expected a name of letters, digits, '.', '-' and '_', at most 50"
        yield from (where + fault for fault in _channel_faults(raw))


def _channel_faults(raw: Any) -> Iterator[str]:
    if not isinstance(raw, Mapping):
        yield "expected names with values"
        return
    types = {f.name: f.type for f in fields(ChannelSettings)}
    faults = [*_value_faults(raw, types)]
    yield from faults
    if not faults:
        yield from _source_faults(raw)
        yield from _url_faults(raw.get("url"))


def _value_faults(raw: Mapping[Any, Any], types: Mapping[str, Any]) -> Iterator[str]:
    for key, value in raw.items():
        if key not in types:
            hint = f"; {_ELSEWHERE} in 'secret_file' or 'secret_env'" if key == "secret" else ""
            yield f"unknown key '{key}'{hint or nearest(str(key), list(types))}"
            continue
        try:
            converted(value, types[key])
        except ValueError as error:
            yield f"'{key}': {error}"
        if str(key).endswith("_env") and not _VARIABLE.fullmatch(str(value)):
            yield f"'{key}' holds no name of a variable; {_ELSEWHERE} here"
    if "type" not in raw:
        yield "expected 'type' to be webhook or apprise"


def _source_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    webhook = raw["type"] == "webhook"
    urls = ("url", "url_file", "url_env") if webhook else ("url_file", "url_env")
    if not webhook and raw.get("url") is not None:
        yield f"'url' of apprise holds secrets; {_ELSEWHERE} in 'url_file' or 'url_env'"
    elif _given(raw, *urls) != 1:
        yield f"expected exactly one of {', '.join(urls)}"
    secrets = _given(raw, "secret_file", "secret_env")
    if webhook and secrets != 1:
        yield "expected secret_file or secret_env, with the key that messages are signed with"
    if not webhook and secrets:
        yield "apprise signs nothing; leave out secret_file and secret_env"


def _given(raw: Mapping[str, Any], *names: str) -> int:
    return sum(raw.get(name) is not None for name in names)


def _url_faults(url: str | None) -> Iterator[str]:
    if url is not None and (fault := webhook_url_fault(url)):
        yield f"'url' {fault}"


def webhook_url_fault(url: str) -> str | None:
    """Return what is wrong with the URL of a webhook, as the end of a sentence; None: nothing."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1)
    except ValueError:
        return "is no URL"
    if parts.username is not None or parts.password is not None:
        return "holds a login; leave it out: the signature says who sends"
    if not usable or any(character.isspace() for character in url):
        return "is no URL that begins with https:// or http://"
    return None


def origin_of(url: str) -> str:
    """Return a URL as people are shown it: many services put a key into what follows the host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    host = parts.netloc.rpartition("@")[2]
    rest = f"/{MASK}" if parts.path.strip("/") or parts.query or parts.fragment else ""
    return f"{parts.scheme}://{host}{rest}"
