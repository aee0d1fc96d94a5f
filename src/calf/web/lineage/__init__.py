"""Where things come from and what became of them."""
