"""Labelled cases for the Guardian: their form, the recorder, and the scenes that it records."""
