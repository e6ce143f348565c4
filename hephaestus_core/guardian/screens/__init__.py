"""Screens of agent programs, read by their shape.

An agent prints what it likes. So only that counts which a program draws at its own place: the
frame at the bottom, and the marks in the first columns, which output never reaches.
"""
