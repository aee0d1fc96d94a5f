"""How figures look, and how they become the same bytes everywhere.

The Agg backend, matplotlib's own DejaVu fonts only (a machine's fonts would change the pixels), fixed
resolution, no metadata.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure

from stagekit.canonical import write_bytes

DPI = 160
SHOWN_DPI = 96
"""A picture is shown smaller than it is drawn, for screens with fine pixels."""
COLOURS = {"pet": "#e4572e", "background": "#4c78a8", "border": "#f2b134"}
INK, MUTED, GRID = "#1f2a35", "#66737f", "#e6ebef"

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
}


def panels(columns: int, rows: int = 1, *, width: float = 8.0, height: float = 3.0) -> tuple[Figure, Any]:
    """Make a figure of `rows` x `columns` panels in our style; the panels come as a 2-D array.

    `width` and `height` are the whole figure's in inches.
    """
    mpl.rcParams.update(_STYLE)
    _own_fonts_only()
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def png_bytes(figure: Figure) -> bytes:
    """Draw a figure as PNG without metadata."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    return stream.getvalue()


def shown_width(figure: Figure) -> int:
    """Give the width in which a page shows a figure, in its own pixels."""
    return int(figure.get_figwidth() * SHOWN_DPI)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, making the parent folders."""
    write_bytes(path, png_bytes(figure))


def _own_fonts_only() -> None:
    own = str(Path(mpl.get_data_path()))
    manager = font_manager.fontManager
    manager.ttflist = [font for font in manager.ttflist if font.fname.startswith(own)]
