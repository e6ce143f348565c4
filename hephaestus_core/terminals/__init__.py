"""Live terminals of agents."""
