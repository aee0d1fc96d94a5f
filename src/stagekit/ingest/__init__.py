"""Pairs photos with their masks, checks them, makes samples of one size; rejects bad pairs by name."""
