"""The time in which a request must be here."""

import socket
import time

from hephaestus_web.slow_clients import TimedSocket


def test_what_comes_in_time_is_read_and_what_does_not_reads_as_ended() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        timed = TimedSocket(ours, 0.2)
        theirs.sendall(b"abc")
        assert timed.recv(2) == b"ab"
        assert timed.recv(2) == b"c"
        began = time.monotonic()
        assert timed.recv(2) == b""
        assert 0.1 < time.monotonic() - began < 2
        theirs.sendall(b"d")
        assert timed.recv(2) == b"", "its time is up, whatever comes now"
        assert ours.gettimeout() is None
        assert ours.recv(2) == b"d"
