"""Builds everything, starts it, and stops it in order; the only place that knows all rooms."""
