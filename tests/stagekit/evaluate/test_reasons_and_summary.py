from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stagekit.evaluate import head, tables
from stagekit.evaluate.baselines import TRAINED
from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.reasons import main_mistake, reasons
from stagekit.evaluate.robustness import Changed, Robustness, border_in_blur, robustness
from stagekit.evaluate.spread import Spread
from stagekit.evaluate.summary import Point, points
from stagekit.metrics.segmentation import confusion


def texts(evaluation: Evaluation, *, good: bool) -> str:
    return "\n".join(f"{point.topic}: {point.text}" for point in points(evaluation) if point.good is good)


def test_the_main_mistake_is_the_commonest_confusion() -> None:
    assert (
        main_mistake(np.array([[50, 10, 0], [5, 30, 0], [0, 5, 0]]))
        == "10.0% of all pixels are pet taken for background"
    )
    assert main_mistake(np.diag([5, 5, 5])) == "no wrong pixel"


def test_a_perfect_answer_has_no_reason_of_its_own(evaluation: Evaluation) -> None:
    (found,) = reasons(evaluation, [0])
    assert not [reason for reason in found if "model" in reason or "colour of" in reason]


def test_background_in_the_colour_of_the_pet_is_named(evaluation: Evaluation) -> None:
    data, answers = evaluation.data, evaluation.answers
    images, guess = data.images.copy(), answers.predictions.copy()
    guess[1] = data.masks[1]
    there = np.zeros(data.masks[1].shape, dtype=bool)
    there[:, :8] = True
    there &= data.masks[1] == 1
    images[1][there] = images[1][data.masks[1] == 0].mean(axis=0).astype(np.uint8)
    guess[1][there] = 0
    matrices = answers.matrices.copy()
    matrices[1] = [[10, 0, 0], [9, 50, 0], [0, 0, 10]]
    changed = replace(
        evaluation,
        data=replace(data, images=images),
        answers=replace(answers, predictions=guess, matrices=matrices),
    )
    assert "that background has the colour of the pet" in reasons(changed, [1])[0]


def test_mistakes_along_the_outline_are_told_from_whole_regions(evaluation: Evaluation) -> None:
    data, answers = evaluation.data, evaluation.answers
    predictions = data.masks.copy()
    predictions[1][data.masks[1] == 2] = 0
    predictions[2] = 1
    matrices = confusion(data.masks, predictions, 3)
    changed = replace(evaluation, answers=replace(answers, predictions=predictions, matrices=matrices))
    along, whole = reasons(changed, [1, 2])
    assert "100% of its mistakes lie along the outline" in along
    assert not [reason for reason in whole if "outline" in reason]
    assert "no pet was marked at all" in whole


def test_a_small_calibration_error_is_no_weak_point_even_if_it_grew(evaluation: Evaluation) -> None:
    def with_errors(before: float, after: float) -> Evaluation:
        found = [
            replace(trust, scores=replace(trust.scores, ece=ece))
            for trust, ece in ((evaluation.before, before), (evaluation.after, after))
        ]
        return replace(evaluation, before=found[0], after=found[1])

    assert "is 0.6% after it" in texts(with_errors(0.002, 0.006), good=True)
    assert "is 6.0% after it" in texts(with_errors(0.02, 0.06), good=False)


def test_the_reasons_stand_in_the_table_of_the_worst_photos(evaluation: Evaluation) -> None:
    table = tables.samples_table(evaluation, [4])
    assert evaluation.data.ids[4] in table
    assert "taken for" in table


def test_a_better_baseline_is_a_weak_point_and_a_worse_one_a_strong(evaluation: Evaluation) -> None:
    (other,) = evaluation.baselines
    assert "better than the majority class" in texts(evaluation, good=True)
    worse = replace(evaluation, baselines=(replace(other, gain=-0.1, interval=(-0.2, -0.05)),))
    assert "worse than the majority class" in texts(worse, good=False)
    close = replace(evaluation, baselines=(replace(other, gain=0.1, interval=(-0.1, 0.3)),))
    assert "not distinguishable from the majority class" in texts(close, good=False)


def test_the_best_simple_answer_and_trains_model_are_compared_and_no_model_with_itself(
    evaluation: Evaluation,
) -> None:
    (simple,) = evaluation.baselines
    scores = replace(simple.scores, mean_iou=simple.scores.mean_iou + 0.1)
    stronger, trained = (replace(simple, name=name, scores=scores) for name in ("colour model", TRAINED))
    said = texts(replace(evaluation, baselines=(simple, stronger, trained)), good=True)
    assert "the colour model" in said
    assert "majority" not in said
    assert TRAINED in said
    assert "What another seed alone would change was not measured" in said
    known = replace(evaluation, baselines=(trained,), spread=Spread(2, 0.7, 0.01, 0.69, 0.71, 0.9))
    assert "The seed alone moves it by 0.010" in texts(known, good=True)
    itself = replace(trained, scores=evaluation.headline.scores)
    assert TRAINED not in texts(replace(evaluation, baselines=(simple, itself)), good=True)


def test_only_a_group_whose_interval_lies_below_the_whole_is_called_worse(evaluation: Evaluation) -> None:
    cat = next(part for part in evaluation.slices if part.name == "cat")
    whole = evaluation.headline.scores.mean_iou
    low = replace(cat, enough=True, interval=(whole - 0.3, whole - 0.1))
    assert "species cat is worse" in texts(replace(evaluation, slices=(low,)), good=False)
    assert "species cat" not in texts(replace(evaluation, slices=(replace(low, enough=False),)), good=False)
    wide = replace(cat, enough=True, interval=(whole - 0.3, whole + 0.1))
    assert "none of the 1 groups" in texts(replace(evaluation, slices=(wide,)), good=True)


def test_failed_behaviour_and_brittleness_are_weak_points(evaluation: Evaluation) -> None:
    clean = evaluation.headline.scores
    flip = next(finding for finding in evaluation.behaviour if finding.name == "flip")
    fallen = Changed(1, replace(clean, mean_iou=clean.mean_iou * 0.5))
    held = Changed(1, replace(clean, mean_iou=clean.mean_iou * 0.95))
    changed = replace(
        evaluation,
        behaviour=(replace(flip, value=0.1),),
        robustness=Robustness(
            fgsm=(Changed(0, clean), fallen), blur=(Changed(0, clean), held, replace(fallen, strength=4))
        ),
    )
    weak = texts(changed, good=False)
    assert "Is a mirrored photo answered alike? 0.100, and at least 0.8 was asked for." in weak
    assert "an attack by 1 of 255 a value leaves 50% of the mean IoU." in weak
    said = texts(changed, good=True)
    assert "a blur of radius 1 leaves 95% of the mean IoU." in said
    assert "a blur of radius 4 leaves 50% of the mean IoU." in weak
    assert "tests passed" not in texts(changed, good=True)


def test_a_test_that_is_passed_by_chance_perhaps_is_not_surely_passed(evaluation: Evaluation) -> None:
    flip = next(finding for finding in evaluation.behaviour if finding.name == "flip")
    for low, verdict in ((0.85, "passed"), (0.75, "passed, not surely")):
        seen = replace(evaluation, behaviour=(replace(flip, value=0.9, interval=(low, 0.95)),))
        assert f'<td class="good">{verdict}</td>' in tables.behaviour_table(seen)
        vague = ", not surely" in verdict
        assert ("1 of 1 tests passed, 1 of them not surely" in texts(seen, good=True)) is vague
        assert ("passed, 1 not surely" in head.headline(seen)) is vague


def test_a_border_that_thins_in_blur_is_a_weak_point_and_one_that_grows_is_none(
    evaluation: Evaluation,
) -> None:
    clean = evaluation.headline.scores
    curve = (Changed(0, clean), Changed(1, clean, 1.03), Changed(4, clean, 0.41))
    thinned = replace(evaluation, robustness=Robustness(fgsm=(), blur=curve))
    assert "with a radius of 4 the model marks 41% as much" in texts(thinned, good=False)
    assert "radius 1, 4 the model marks 1.03, 0.41 times as much" in border_in_blur(curve)
    grown = replace(evaluation, robustness=Robustness(fgsm=(), blur=curve[:2]))
    assert "as much" not in texts(grown, good=False)
    assert border_in_blur(curve[:1]) == ""


def test_what_is_marked_as_border_is_counted_under_every_change(evaluation: Evaluation) -> None:
    data, matrices = evaluation.data, evaluation.answers.matrices.sum(axis=0)
    half = np.zeros_like(data.masks)
    half.reshape(-1)[: int(matrices[:, 2].sum()) // 2] = 2
    params = evaluation.params.model_copy(update={"epsilons": (), "blurs": (1,)})
    (_, blurred) = robustness(lambda _images: half, data, matrices, None, params).blur
    assert blurred.border == pytest.approx(0.5, abs=0.01)


def test_nothing_from_outside_is_html_in_the_head(evaluation: Evaluation) -> None:
    bad = tuple(replace(part, name="<script>x</script>", enough=True) for part in evaluation.slices)
    hostile = replace(evaluation, slices=bad)
    page = head.headline(hostile) + head.summary(points(hostile)) + tables.slices_table(bad)
    assert "<script>" not in page


def test_the_summary_links_to_the_section_of_each_point() -> None:
    shown = head.summary([Point(True, "Classes", "all is well.", "Can it be trusted?")])
    assert '<a href="#Can-it-be-trusted?">Classes</a>: all is well.' in shown
    assert "Nothing was found." in shown


def test_the_tables_of_scores_are_whole(evaluation: Evaluation) -> None:
    assert tables.classes_table(evaluation).count("<tr>") == 5
    assert tables.comparison_table(evaluation).count("<tr>") == 3
    assert tables.calibration_table(evaluation).count("<tr>") == 5
    assert tables.behaviour_table(evaluation).count("<tr>") == 7
