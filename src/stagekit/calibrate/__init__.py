"""Calibration: makes a confidence mean what it says. Parameters are JSON, scores are before and after."""
