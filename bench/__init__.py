"""Measures the README's promises about speed and size: ``python -m bench [MEASURE]``.

Every measure runs a real stack in a temporary home, with Postgres, Valkey, web, worker, tmux and
git. A ratio measures its two sides alternately within one run, so that other load on the machine
affects both alike.
"""
