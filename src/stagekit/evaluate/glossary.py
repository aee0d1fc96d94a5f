"""The meaning of each measure in a line, for the end of the report."""

from __future__ import annotations

from html import escape

MEASURES = {
    "IoU": (
        "Intersection over union: the pixels that marked and true area share, divided by those that "
        "either covers. 1 is perfect, 0 shares nothing. Pixels are counted over all photos, then "
        "divided."
    ),
    "mean IoU": (
        "The mean of the three classes' IoU. Strict with the thin border, where one pixel costs much."
    ),
    "Dice": (
        "Twice the shared pixels, divided by the sum of both areas: the same overlap on a milder scale."
    ),
    "boundary IoU": (
        "IoU of the bands along the outlines only (Cheng et al., CVPR 2021): a large animal's inside "
        "hides no ragged edge."
    ),
    "pixel accuracy": (
        "Share of pixels with the right class. High scores come easily where background is common."
    ),
    "95% interval": (
        "Where the figure would mostly lie with other photos of the same kind (bootstrap). Whole "
        "photos are drawn again, since the pixels of one are not independent."
    ),
    "n": "The number of photos behind a figure.",
    "agreement": "Mean IoU between two answers of the model, the first taken for the truth.",
    "ECE": (
        "Expected calibration error: how far confidence and the share of right pixels are apart, on average. "
        "Chance only ever adds to it, so its interval leans upwards."
    ),
    "class-wise ECE": "The same for the probability of each class, and the mean of the three.",
    "Brier score": "Mean squared distance of the probabilities from the truth, 0 to 2.",
    "negative log-likelihood": "How surprised the model is by the truth; sure and wrong is punished hardest.",
    "GMAC": "A thousand million multiplications with addition: what one photo costs on any machine.",
}


def glossary() -> str:
    """Give the measures as a list in HTML."""
    lines = "".join(f"<dt>{escape(word)}</dt><dd>{escape(text)}</dd>" for word, text in MEASURES.items())
    return f"<dl>{lines}</dl>"
