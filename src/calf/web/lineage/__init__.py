"""Where things come from, what became of them, and what is signed about it."""
