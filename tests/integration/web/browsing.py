"""Browsing the pages as a browser without scripts does."""

import html
import re

import httpx

from tests.web_server import ADMIN, WebServer

#: What an agent might write to run as a script, an element or a template.
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'{{ 7 * 7 }} ${8*8}"


def browser(web: WebServer) -> httpx.Client:
    """Return a client that keeps cookies and asks for pages."""
    headers = {"Accept": "text/html"}
    return httpx.Client(base_url=web.ui_url, headers=headers, verify=False, timeout=30)


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found[1])


def log_in(client: httpx.Client, token: str = ADMIN, following: str = "/") -> httpx.Response:
    """Send the login form."""
    form = client.get("/login", params={"next": following}).text
    data = {"csrf_token": hidden(form, "csrf_token"), "token": token, "next": following}
    return client.post("/login", data=data)
