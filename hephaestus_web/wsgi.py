"""The application as gunicorn serves it; importing this starts it."""

from hephaestus_core.config import load_settings
from hephaestus_core.logging import configure_logging
from hephaestus_web.app import create_app

_settings = load_settings()
configure_logging(_settings.log_level)
app = create_app(_settings)
app.extensions["running"].start()
