"""Pipelines: specs, datums, identity, jobs, and the scheduler that runs them."""
