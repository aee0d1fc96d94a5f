"""Scores of a segmentation, in NumPy alone: counts first, figures from counts."""
