"""Answers requests with a released model, by the Open Inference Protocol, exactly as evaluate asked it."""
