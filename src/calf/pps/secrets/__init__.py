"""Secrets: keeping them, and what a stage is given of them."""
