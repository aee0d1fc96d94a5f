"""Decides by policy whether the evaluated model is released, and makes the bundle when it is."""
