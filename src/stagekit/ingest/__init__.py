"""Pairs photos with their masks, checks them, and makes samples of one size; bad pairs are rejected by name."""
