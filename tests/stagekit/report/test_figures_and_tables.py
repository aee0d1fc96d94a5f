from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from stagekit.metrics.confidence import Reliability
from stagekit.report.diagrams import confusion_figure, reliability_figure
from stagekit.report.figures import panels, png_bytes, save, shown_width
from stagekit.report.tables import decimal, html_table, percent, spanned
from stagekit.train.history import history_figure

DIAGRAM = Reliability((5, 0, 10), (0.2, 0.0, 0.9), (0.4, 0.0, 0.7))


def chunks(png: bytes) -> set[bytes]:
    found, place = set(), 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        found.add(png[place + 4 : place + 8])
        place += 12 + length
    return found


def test_a_figure_is_drawn_to_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save(reliability_figure({"before": DIAGRAM, "after": DIAGRAM}), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_figure_says_nothing_about_when_and_by_what_it_was_drawn() -> None:
    figure, ((panel,),) = panels(1)
    panel.plot([1, 2], [1, 2])
    assert not chunks(png_bytes(figure)) & {b"tEXt", b"iTXt", b"tIME"}


def test_a_figure_is_drawn_finer_than_it_is_shown() -> None:
    figure, _ = panels(1, width=5.0, height=2.0)
    (drawn,) = struct.unpack(">I", png_bytes(figure)[16:20])
    assert shown_width(figure) < drawn


def test_other_values_give_another_figure() -> None:
    one = png_bytes(confusion_figure(np.diag([5, 5, 5]), ("pet", "background", "border")))
    other = png_bytes(confusion_figure(np.ones((3, 3), dtype=np.int64), ("pet", "background", "border")))
    assert one != other


def test_a_history_with_a_missing_class_is_drawn() -> None:
    row = {
        "epoch": 1.0,
        "training_loss": 1.0,
        "validation_loss": 1.0,
        "validation_mean_iou": 0.5,
        "validation_iou_pet": 0.5,
        "validation_iou_background": 0.5,
        "validation_iou_border": None,
        "best": 1.0,
    }
    assert png_bytes(history_figure([row, {**row, "epoch": 2.0, "best": 0.0}])).startswith(b"\x89PNG")


def test_names_from_outside_are_escaped_in_tables() -> None:
    table = html_table(("breed",), [("<script>alert(1)</script>",)])
    assert "<script>" not in table
    assert "&lt;script&gt;" in table


def test_columns_of_numbers_are_set_to_the_right_and_none_is_a_dash() -> None:
    table = html_table(("class", "IoU"), [("pet", "0.5"), ("border", None)])
    assert '<th>class</th><th class="number">IoU</th>' in table
    assert '<td class="number">\N{EN DASH}</td>' in table


def test_intervals_are_not_broken_and_words_may_be_marked() -> None:
    table = html_table(("found", "verdict"), [("0.1 to 0.2", "failed")], marked={"failed": "weak"})
    assert '<td class="span">0.1 to 0.2</td><td class="weak">failed</td>' in table


def test_muted_rows_are_named() -> None:
    assert html_table(("n",), [("1",), ("2",)], muted={1}).count('class="muted"') == 1


def test_numbers_have_fixed_places() -> None:
    assert decimal(0.5) == "0.500"
    assert decimal(None) is None
    assert percent(0.1234) == "12.3%"
    assert spanned((0.1, 0.25)) == "0.100 to 0.250"
    assert spanned(None) is None


def test_the_titles_of_the_confusion_matrix_lie_inside_of_the_picture() -> None:
    figure = confusion_figure(np.diag([5, 5, 5]), ("pet", "background", "border"))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    box, (width, height) = figure.get_tightbbox(canvas.get_renderer()), figure.get_size_inches()
    assert 0 <= box.x0 < box.x1 <= width
    assert 0 <= box.y0 < box.y1 <= height
