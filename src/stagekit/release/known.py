"""The figures that evaluate writes, by name: a policy that names another one is found out beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from stagekit.config.errors import nearest

_CLASS = "pet|background|border"
_SCORE = "ece|classwise_ece|brier|nll"
_ENDS = "low|high"
_OVERLAP = "mean_iou|mean_dice|pixel_accuracy"
# Parts between dots; `a|b` is one of them, `*` is any.
FIGURES = (
    f"v|samples|{_OVERLAP}|{_SCORE}",
    f"iou|dice.{_CLASS}",
    f"boundary_iou.mean|{_CLASS}|dilation",
    f"mean_iou_interval|ece_interval|boundary_iou_interval.level|{_ENDS}",
    f"confusion.{_CLASS}.{_CLASS}",
    f"calibration.before|after.{_SCORE}",
    f"calibration.before|after.class_ece.{_CLASS}",
    "calibration.changed_pixels|temperature",
    f"baselines.majority class|colour model|train's model.gain|gain_low|gain_high|{_OVERLAP}",
    f"baselines.majority class|colour model|train's model.iou|dice.{_CLASS}",
    f"slices.breed|species|size.*.mean_iou|samples|enough|{_ENDS}",
    f"worst_slice.mean_iou|samples|enough|{_ENDS}",
    "behaviour.tested|passed|failed|untested",
    f"behaviour.flip|brightness|shift|blur|large_and_centred|finds_the_pet.value|bound|ok|samples|{_ENDS}",
    "robustness.blur|fgsm.*.mean_iou|retained|border",
    "cost.gmacs|parameters|weights_mib",
    f"spread.members|mean|sd|agreement|{_ENDS}",
    "model.hyperparameters.*",
)


def what_is_wrong(name: str) -> str:
    """Say why no evaluation can have a figure of this name, and which one may be meant; nothing if it can."""
    parts = name.split(".")
    if any(_fits(parts, pattern.split(".")) for pattern in FIGURES):
        return ""
    near = nearest(name, [*_names()])
    meant = near if near.startswith("did") else "docs/design/metrics.md lists them"
    return f"evaluate writes no figure {name!r}; {meant}"


def _fits(parts: list[str], pattern: list[str]) -> bool:
    return len(parts) == len(pattern) and all(
        allowed == "*" or part in allowed.split("|") for part, allowed in zip(parts, pattern, strict=True)
    )


def _names() -> Iterator[str]:
    """Spell out every name; where any part would do, the star."""
    for pattern in FIGURES:
        spelt = [""]
        for allowed in pattern.split("."):
            spelt = [f"{before}.{part}" for before in spelt for part in allowed.split("|")]
        yield from (name.removeprefix(".") for name in spelt)
