"""How gunicorn serves the application: ``gunicorn -c python:hephaestus_web.gunicorn_conf …``.

One process by default, to save memory. More (``-w 2``) work too: all state is in the database. Then
Socket.IO speaks WebSocket only, since polling requests must all reach the same process.

The parent process reads this file too, so nothing heavy is imported here.
"""

import gc
import os
import signal
import sys
from types import FrameType
from typing import Any

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings import secret_files
from hephaestus_core.settings.config import load_settings

_settings = load_settings()
if (_fault := secret_files.fault_of(HomeLayout(_settings.home).secrets)) is not None:
    # One clear line and the exit code of `hephaestus up`, in place of a traceback.
    sys.stderr.write(f"hephaestus: {_fault}\n")
    sys.exit(4)
_host = f"[{_settings.mcp_host}]" if ":" in _settings.mcp_host else _settings.mcp_host

bind = [f"{_host}:{port}" for port in (_settings.mcp_port, _settings.ui_port)]
workers = 1
worker_class = "hephaestus_web.requests.slow_clients.TimedWorker"
# Threads are started on demand, and most of them only wait: see live/permits.py.
threads = 512
worker_connections = 1024
keepalive = 30
timeout = 60
graceful_timeout = 10
# Proxies whose X-Forwarded-Proto is trusted; see requests/proxies.py.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")
# The unused control socket would leave a file in the user's home.
control_socket_disable = True
errorlog = "-"
loglevel = _settings.log_level.lower()
proc_name = "hephaestus-web"


def post_fork(_server: Any, _worker: Any) -> None:
    """Do not look for garbage among what is imported: all of it stays."""
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """End the application's long waits at SIGTERM, before gunicorn drains requests."""
    gc.freeze()
    gc.enable()
    running = worker.wsgi.extensions["running"]
    if worker.cfg.workers > 1:
        running.sockets.allow_only_websocket()
    drain = signal.getsignal(signal.SIGTERM)

    def end_waits_and_drain(number: int, frame: FrameType | None) -> None:
        running.end_waits()
        if callable(drain):
            drain(number, frame)

    signal.signal(signal.SIGTERM, end_waits_and_drain)


def worker_exit(_server: Any, worker: Any) -> None:
    """Close what the application holds."""
    worker.wsgi.extensions["running"].close()
