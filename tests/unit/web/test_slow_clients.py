"""The time in which a request must be here."""

import socket

from hephaestus_web.requests.slow_clients import TimedSocket


def test_what_comes_in_time_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        timed = TimedSocket(ours, 60)
        theirs.sendall(b"abc")
        assert timed.recv(2) == b"ab"
        assert timed.recv(2) == b"c"
        assert ours.gettimeout() is None


def test_what_does_not_come_in_time_reads_as_ended() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        timed = TimedSocket(ours, 0.1)
        assert timed.recv(2) == b"", "a wait ends with the time"
        theirs.sendall(b"d")
        assert timed.recv(2) == b"", "its time is up, whatever comes now"
        assert ours.gettimeout() is None
        assert ours.recv(2) == b"d"
