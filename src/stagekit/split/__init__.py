"""Deals samples into training, validation, calibration and test, so that a sample never moves."""
