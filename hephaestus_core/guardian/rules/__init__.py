"""The rules of supervision: pure functions over a short history of looks."""
