"""Typical mistakes of agents, each played by scripted agents beside an honest twin."""
