"""Measures what the README promises about speed and size: ``python -m bench [MEASURE]``.

Every measure runs the real thing: a stack of its own in a temporary home, with Postgres, Valkey,
web, worker, tmux and git. Ratios take both sides in turns within one run, so that whatever else
the machine does falls on both alike.
"""
