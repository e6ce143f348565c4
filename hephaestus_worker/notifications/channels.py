"""The channels of this host's configuration, with their secrets read."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hephaestus_core.contract.repository_urls import MASK
from hephaestus_core.notifications.signing import LEAST_BYTES, key_of
from hephaestus_core.notifications.views import ChannelOrder
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.notification_settings import (
    ChannelSettings,
    channels_of,
    origin_of,
    webhook_url_fault,
)

#: Most bytes of a file with a secret.
_BYTES: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel that can be used; its URL and its key are secrets."""

    order: ChannelOrder
    url: str = field(repr=False)
    key: bytes | None = field(repr=False, default=None)


class Unusable(Exception):
    """A channel cannot be used; the message says why, without secrets."""


def channels(settings: Settings, environ: Mapping[str, str]) -> list[Channel]:
    """Return the configured channels. The order of one that cannot be used says why."""
    return [_channel(name, given, environ) for name, given in channels_of(settings).items()]


def _channel(name: str, given: ChannelSettings, environ: Mapping[str, str]) -> Channel:
    target, url, key, trouble = MASK, "", None, None
    try:
        url = given.url or _secret("url", given.url_file, given.url_env, environ)
        target = _target(given, url)
        if given.type == "webhook":
            key = _key(_secret("secret", given.secret_file, given.secret_env, environ))
    except Unusable as unusable:
        trouble = str(unusable)
    order = ChannelOrder(
        name=name, type=given.type, target=target, severity=given.severity, trouble=trouble
    )
    return Channel(order=order, url=url, key=key)


def _target(given: ChannelSettings, url: str) -> str:
    if given.type == "apprise":
        scheme, found, _ = url.partition("://")
        if not found or not scheme.isalnum():
            raise Unusable("The URL for apprise does not begin with the name of a service and ://.")
        return f"{scheme}://{MASK}"
    if (fault := webhook_url_fault(url)) is not None:
        raise Unusable(f"The URL {fault}.")
    # Unlike one that stands in the configuration, its host may be a secret too.
    return origin_of(url) if given.url else f"{urlsplit(url).scheme}://{MASK}"


def _key(secret: str) -> bytes:
    key = key_of(secret)
    if key is None:
        raise Unusable(
            f"The secret is not base64 of at least {LEAST_BYTES} bytes; make one with: "
            'echo "whsec_$(openssl rand -base64 32)"'
        )
    return key


def _secret(what: str, file: Path | None, variable: str | None, environ: Mapping[str, str]) -> str:
    value = environ.get(variable or "", "") if file is None else _read(file)
    if not value.strip():
        where = f"variable {variable}" if file is None else str(file)
        raise Unusable(f"The {what} is missing: {where} is not set on this host or empty.")
    return value.strip()


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(_BYTES)
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Unusable(f"{file} cannot be read: {reason}.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unusable(f"{file} can be read by other accounts; run: chmod go= {file}")
    return text
