"""Training: pre-train checks, then a fit that keeps its best epoch.

`fit.Trainer` is compiled once and used again by `tune` for every trial.
"""
