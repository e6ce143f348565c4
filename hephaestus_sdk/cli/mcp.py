"""The command that gives the stack's tools to a program which speaks MCP over stdio."""

import sys
from typing import Any

import click

from hephaestus_sdk.cli.connection import stack_address, stack_options
from hephaestus_sdk.cli.report import Command


@click.command(cls=Command)
@stack_options
def mcp(**stack: Any) -> None:
    """Serve the tools over stdio to your own Claude Code, Codex or another program.

    Standard output carries the protocol and nothing else.
    """
    from hephaestus_sdk.cli.mcp_bridge import McpBridge  # `--help` needs no HTTP

    address = stack_address(**stack)
    with McpBridge(address.url, address.token, sys.stdout.buffer) as bridge:
        bridge.check()
        bridge.carry(sys.stdin.buffer)
