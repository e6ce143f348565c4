"""What channels are told, when messages are tried again, and that they can be verified."""

import ast
import base64
import hashlib
import hmac
import json
import re
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.notifications.rules import MOST_TRIES, in_words, pause_after, sample_body
from hephaestus_core.notifications.signing import key_of, signed_headers
from hephaestus_core.notifications.views import Outcome
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_core.settings.notification_settings import channels_of
from hephaestus_core.settings.sources import masked

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
FAILED = Outcome(trouble="it answered 500")
DOCUMENT = Path(__file__).parents[3] / "docs" / "notifications.md"


def verify(headers: dict[str, str], body: bytes) -> Any:
    """Call the receiver's code that the guide shows."""
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(ast.parse(code), "notifications.md", "exec"), names)
    return names["verified"](headers, body, SECRET + "\n")


def test_the_receiver_of_the_guide_takes_what_we_sign_and_nothing_else() -> None:
    key = key_of(SECRET)
    assert key is not None
    body = json.dumps(sample_body("ann", at="2026-11-29T11:00:00Z")).encode()
    now = int(time.time())
    headers = signed_headers(uuid4(), now, body, key)
    assert verify(headers, body)["data"]["by"] == "ann"
    with pytest.raises(ValueError, match="wrong signature"):
        verify(headers, body.replace(b"ann", b"bob"))
    with pytest.raises(ValueError, match="wrong signature"):
        verify({**headers, "webhook-id": str(uuid4())}, body)
    with pytest.raises(ValueError, match="too old"):
        verify(signed_headers(uuid4(), now - 400, body, key), body)


def test_a_signature_is_that_of_the_standard() -> None:
    message = uuid4()
    headers = signed_headers(message, 1700000000, b"{}", b"k" * 32)
    signed = f"{message}.1700000000.{{}}".encode()
    digest = hmac.new(b"k" * 32, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


@pytest.mark.parametrize("secret", ["", "whsec_", "hunter2", "whsec_c2hvcnQ=", "no base64 at all!"])
def test_a_secret_that_could_be_guessed_is_none(secret: str) -> None:
    assert key_of(secret) is None


def test_pauses_double_up_to_a_bound_and_end() -> None:
    pauses = [pause_after(FAILED, n, sample=False, chance=0.0) for n in range(1, MOST_TRIES + 1)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert (pauses[-2], pauses[-1]) == (900, None)
    assert pause_after(FAILED, 1, sample=False, chance=1.0) == 7.5
    asked = Outcome(trouble="it answered 429", retry_after=100_000.0)
    assert pause_after(asked, 1, sample=False, chance=0.0) == 3600
    assert pause_after(Outcome(trouble="gone", again=False), 1, sample=False, chance=0.0) is None
    assert pause_after(FAILED, 1, sample=True, chance=0.0) is None


def test_words_of_agents_call_nobody_and_hide_no_link() -> None:
    item = {
        "title": "@everyone <!channel> look",
        "evidence": "[a guide](http://evil.example)",
        "link": "http://127.0.0.1:8000/inbox",
    }
    body = {"type": "attention.items", "data": {"items": [item], "count": 3, "more": 2}}
    title, text = in_words(body)
    assert title == "Hephaestus: 3 things need attention"
    for bad in ("@everyone", "<!", "](http"):
        assert bad not in text
    assert "… and 2 more" in text


@pytest.mark.parametrize(
    ("channel", "fault"),
    [
        ({"type": "webhook", "secret_env": "S"}, "exactly one of url, url_file, url_env"),
        ({"type": "webhook", "url": "https://h/"}, "expected secret_file or secret_env"),
        ({"type": "webhook", "url": "https://u:p@h/", "secret_env": "S"}, "holds a login"),
        ({"type": "webhook", "url": "ftp://h/", "secret_env": "S"}, "begins with https://"),
        ({"type": "webhook", "url": "https://h/", "secret": "hush"}, "in 'secret_file' or"),
        ({"type": "apprise", "url": "slack://hush"}, "'url' of apprise holds secrets"),
        ({"type": "apprise", "url_env": "slack://hush"}, "holds no name of a variable"),
        ({"type": "apprise", "url_env": "U", "secret_env": "S"}, "apprise signs nothing"),
        ({"type": "apprise", "url_env": "U", "severity": "panic"}, "expected one of blocker"),
        ({"url_env": "U"}, "expected 'type' to be webhook or apprise"),
    ],
)
def test_faults_of_channels_are_named_without_their_secrets(
    channel: dict[str, str], fault: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ={}, overrides={"notification_channels": {"ops": channel}})
    assert "notification_channels 'ops': " in refused.value.message
    assert fault in refused.value.message
    assert "hush" not in refused.value.message


def test_channels_are_shown_without_what_follows_the_host() -> None:
    url = "https://hooks.example.com/services/T0/hush?key=hush"
    given = {"ops": {"type": "webhook", "url": url, "secret_file": "/run/ops.secret"}}
    settings = Settings(notification_channels=given)
    assert channels_of(settings)["ops"].secret_file == Path("/run/ops.secret")
    shown = masked(settings.notification_channels)
    assert shown["ops"]["url"] == "https://hooks.example.com/***"
    assert shown["ops"]["secret_file"] == "/run/ops.secret"
