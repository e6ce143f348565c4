"""The functions behind the tools that agents call."""
