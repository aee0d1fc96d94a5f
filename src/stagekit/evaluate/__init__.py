"""Evaluation: what the report's notebook calls, and the stage that runs the notebook."""
