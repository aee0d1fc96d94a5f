"""What the notebook shows: HTML for its tables and head, and figures that are kept as files too."""

from __future__ import annotations

from pathlib import Path

from IPython.display import HTML, Image, Markdown, display  # type: ignore[import-not-found]  # not in mypy's environment
from matplotlib.figure import Figure

from stagekit.canonical import write_bytes
from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.ranking import main_mistake
from stagekit.evaluate.slices import Slice
from stagekit.metrics.segmentation import Scores, scores
from stagekit.report.figures import png_bytes
from stagekit.report.tables import decimal, html_table, percent
from stagekit.samples import CLASSES


def text(paragraph: str) -> None:
    """Show Markdown; its lines are joined, so that none of them starts a list by accident."""
    display(Markdown(" ".join(paragraph.split())))


def figure(drawn: Figure, path: Path) -> None:
    """Show a figure, and keep it as a PNG file."""
    content = png_bytes(drawn)
    write_bytes(path, content)
    display(Image(data=content, format="png"))


def headline(evaluation: Evaluation) -> None:
    """Show the four figures that everything else explains."""
    low, high = evaluation.interval
    tiles = (
        (decimal(evaluation.scores.mean_iou), f"mean IoU (95% interval {low:.3f} to {high:.3f})"),
        (decimal(evaluation.scores.mean_dice), "mean Dice"),
        (percent(evaluation.scores.pixel_accuracy), "of pixels are right"),
        (decimal(evaluation.after.scores.ece), "calibration error (ECE)"),
    )
    cells = "".join(f"<div><b>{value}</b><span>{text}</span></div>" for value, text in tiles)
    display(HTML(f'<div class="headline">{cells}</div>'))


def classes_table(evaluation: Evaluation) -> None:
    """Show IoU and Dice of each class beside its share of the pixels."""
    counts = evaluation.matrices.sum(axis=(0, 2))
    rows = [
        (
            name,
            percent(counts[value] / counts.sum()),
            decimal(evaluation.scores.iou[value]),
            decimal(evaluation.scores.dice[value]),
        )
        for value, name in enumerate(CLASSES)
    ]
    rows.append(("mean", None, decimal(evaluation.scores.mean_iou), decimal(evaluation.scores.mean_dice)))
    display(HTML(html_table(("class", "share of pixels", "IoU", "Dice"), rows)))


def comparison_table(evaluation: Evaluation) -> None:
    """Show the model beside its baselines."""
    answers: dict[str, Scores] = {**evaluation.baselines, "this model": evaluation.scores}
    rows = [
        (name, decimal(one.mean_iou), *(decimal(value) for value in one.iou), percent(one.pixel_accuracy))
        for name, one in answers.items()
    ]
    display(HTML(html_table(("answer", "mean IoU", *CLASSES, "pixels right"), rows)))


def slices_table(parts: tuple[Slice, ...]) -> None:
    """Show the slices with their intervals."""
    rows = [
        (
            f"{part.kind}: {part.name}",
            part.samples,
            decimal(part.scores.mean_iou),
            f"{part.interval[0]:.3f} to {part.interval[1]:.3f}",
            *(decimal(value) for value in part.scores.iou),
        )
        for part in parts
    ]
    display(HTML(html_table(("slice", "samples", "mean IoU", "95% interval", *CLASSES), rows)))


def calibration_table(evaluation: Evaluation) -> None:
    """Show the four calibration scores before and after."""
    before, after = evaluation.before.scores.as_record(), evaluation.after.scores.as_record()
    names = {
        "ece": "calibration error (ECE)",
        "classwise_ece": "class-wise calibration error",
        "brier": "Brier score",
        "nll": "negative log-likelihood",
    }
    rows = [(text, decimal(before[name], 4), decimal(after[name], 4)) for name, text in names.items()]
    display(HTML(html_table(("lower is better", "before", "after"), rows)))


def samples_table(evaluation: Evaluation, places: list[int]) -> None:
    """Show samples with their scores and their main mistake in words."""
    rows = [
        (
            evaluation.data.ids[place],
            decimal(scores(evaluation.matrices[place]).mean_iou),
            main_mistake(evaluation.matrices[place]),
        )
        for place in places
    ]
    display(HTML(html_table(("sample", "mean IoU", "main mistake"), rows)))
