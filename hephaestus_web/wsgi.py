"""The application for gunicorn; importing this starts it."""

import logging
import os

from hephaestus_core.logging import configure_logging
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.without_effect import warning_of
from hephaestus_web.app import create_app
from hephaestus_web.requests.proxies import TrustedProxies

_settings = load_settings()
configure_logging(_settings.log_level)
if (_in_vain := warning_of(_settings)) is not None:
    logging.getLogger(__name__).warning("settings without effect: %s", _in_vain)
app = create_app(_settings)
app.wsgi_app = TrustedProxies(app.wsgi_app, os.environ.get("FORWARDED_ALLOW_IPS", ""))  # type: ignore[method-assign]
app.extensions["running"].start()
