"""Advice on a workflow definition: faults that a run would meet, and weak spots of its texts."""
