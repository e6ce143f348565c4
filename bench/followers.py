"""Many clients that follow events at once: ``python -m bench.followers PORT COUNT AFTER``.

The clients have their own process, so that their work does not slow the measuring process. The
variable ``HEPHAESTUS_TOKEN`` holds the token. The event ``definition.saved`` ends the program,
which then prints JSON.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: The event that ends the following.
LAST = "definition.saved"
_WAIT_SECONDS = 20
_BUFFER_BYTES = 2**22


@dataclass
class Seen:
    """The events and errors that one client received."""

    seqs: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """The delay from each event's own time to its arrival."""
    errors: list[str] = field(default_factory=list)


async def follow(port: int, token: str, after: int) -> Seen:
    """Request events after the last one seen, until the event ``LAST`` arrives."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_BUFFER_BYTES)
    seen, ended = Seen(), False
    while not ended:
        path = f"/api/v1/events?after={after}&wait={_WAIT_SECONDS}&limit=500"
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(head.encode())
        status, page = await _answer(reader)
        now = time.time()
        if status != "200":
            seen.errors.append(f"{status} {page}")
            await asyncio.sleep(0.1)
            continue
        after = page["last_seq"]
        for event in page["items"]:
            seen.seqs.append(event["seq"])
            seen.seconds.append(now - datetime.fromisoformat(event["at"]).timestamp())
            ended = ended or event["type"] == LAST
    writer.close()
    return seen


async def _answer(reader: asyncio.StreamReader) -> tuple[str, Any]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    length = next(line for line in lines if line.lower().startswith("content-length:"))
    body = await reader.readexactly(int(length.partition(":")[2]))
    return lines[0].split(" ")[1], json.loads(body)


async def _follow_all(port: int, count: int, after: int) -> list[Seen]:
    token = os.environ["HEPHAESTUS_TOKEN"]
    return await asyncio.gather(*(follow(port, token, after) for _ in range(count)))


def main() -> None:
    port, count, after = map(int, sys.argv[1:])
    found = asyncio.run(_follow_all(port, count, after))
    print(json.dumps([vars(seen) for seen in found]))


if __name__ == "__main__":
    main()
