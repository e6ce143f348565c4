"""The pages' own script with the vendored client: as far as Node.js stands in for a browser."""

import shutil
import subprocess
from pathlib import Path

import pytest

import hephaestus_web
from tests.integration.web.browsing import browser, log_in
from tests.servers import Valkey
from tests.web_server import running_web

STATIC = Path(hephaestus_web.__file__).parent / "static"
SCRIPTS = [next((STATIC / "vendor").glob("socket.io-*.min.js")), STATIC / "live.js"]

#: What the scripts find in place of a browser. A page that hears the server's greeting asks for a
#: fresh rendering; a request of the client's polling shows that it gave WebSocket up.
BROWSER = """
const { readFileSync } = require("node:fs");
const { runInThisContext } = require("node:vm");
const [url, cookie, ...scripts] = process.argv.slice(1);
const say = (what) => {
  console.log(what);
  process.exit(0);
};
const Real = globalThis.WebSocket;
globalThis.WebSocket = class extends Real {
  constructor(address) {
    super(address, { headers: { Cookie: cookie } });
  }
};
globalThis.XMLHttpRequest = class {
  withCredentials = false;
  open() {
    say("asks by polling");
  }
};
globalThis.fetch = () => say("asks for a fresh rendering");
globalThis.location = new URL(url);
globalThis.document = {
  body: { dataset: { live: "all" } },
  getElementById: () => ({}),
  addEventListener() {},
};
delete globalThis.exports;  // a browser has none, and the client would look there
delete globalThis.module;
for (const script of scripts) runInThisContext(readFileSync(script, "utf8"));
"""


def seen(url: str, cookie: str = "") -> str:
    """Load a page's scripts at this address, and return what they did first."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed.")
    argv = ["node", "--experimental-websocket", "-e", BROWSER, "--", url, cookie, *SCRIPTS]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()


def test_a_page_is_live_with_several_web_processes(
    database_url: str, valkey_server: Valkey, tmp_path: Path
) -> None:
    with (
        running_web(tmp_path, database_url, valkey_server.next_url(), "-w", "2") as web,
        browser(web) as visitor,
    ):
        log_in(visitor)
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        assert seen(web.ui_url, cookie) == "asks for a fresh rendering"


def test_a_page_that_gets_no_websocket_polls() -> None:
    assert seen("http://127.0.0.1:1/") == "asks by polling"
