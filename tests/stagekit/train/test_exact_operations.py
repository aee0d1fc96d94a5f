from __future__ import annotations

from stagekit.dataset import Dataset
from stagekit.determinism.portable import require_exact
from stagekit.train.fit import Trainer, constants
from stagekit.train.params import TrainParams


def test_a_step_has_only_operations_that_are_exact_on_every_processor(
    trainer: Trainer, training: Dataset, tiny: TrainParams
) -> None:
    images, masks = training.images[: tiny.batch_size], training.masks[: tiny.batch_size]
    graph = trainer.step.get_concrete_function(images, masks, *constants(0.01, 1.0, 1.0, 1.0)).graph
    require_exact({operation.type for operation in graph.get_operations()}, "a training step")
