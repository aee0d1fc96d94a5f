"""The training loop. A `Trainer` compiles the graph once; each `fit` starts from fresh weights.

Early stopping keeps and *restores* the epoch with the best mean IoU on validation, never the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from stagekit.dataset import Dataset
from stagekit.errors import StageError
from stagekit.metrics.confidence import softmax
from stagekit.metrics.segmentation import Scores, confusion, scores
from stagekit.model.architecture import Architecture
from stagekit.model.encoders import Encoder, encoder_of, find_pretrained
from stagekit.model.predict import predictor
from stagekit.model.unet import ENCODER_PREFIX, build_unet
from stagekit.model.weights import Tensors, get_weights, initial_weights, set_weights
from stagekit.train.adam import Adam
from stagekit.train.batches import batches, steps_per_epoch
from stagekit.train.loss import cross_entropy, soft_dice
from stagekit.train.params import TrainParams
from stagekit.train.schedule import rate

Step = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of the history; `validation_loss` is the plain cross-entropy, comparable between trials."""

    number: int
    learning_rate: float
    training_loss: float
    validation_loss: float
    validation: Scores


@dataclass(frozen=True, slots=True)
class Fit:
    """What training gives: the best epoch's weights, all epochs, and whether the encoder began pretrained."""

    tensors: Tensors
    history: tuple[Epoch, ...]
    best: Epoch
    pretrained: bool


class Trainer:
    """A compiled model with its optimiser.

    The architecture, the frozen blocks and the batch size are fixed; seed, hyper-parameters, epochs and data
    are a `fit`'s. `weights` is the folder of the weights repo. Raises `StageError` when blocks are to be
    frozen that no pretrained weights were found for.
    """

    def __init__(self, architecture: Architecture, params: TrainParams, weights: Path) -> None:
        encoder = encoder_of(architecture.encoder)
        self._pretrained = find_pretrained(encoder, weights, params.encoder_weights)
        if self._pretrained is None and params.frozen_blocks:
            raise StageError(
                f"weights repo: no {encoder.weights_file}, and train.frozen_blocks={params.frozen_blocks} "
                "would freeze random numbers; put the file there, or set train.frozen_blocks=0"
            )
        self.model = build_unet(architecture)
        self.predict = predictor(self.model)
        self._initial: tuple[int, Tensors] = (params.seed, self._start(params.seed))
        self._batch_size = params.batch_size
        from_encoder, from_decoder = _trainable(self.model, encoder, params.frozen_blocks)
        self._adam = Adam(from_encoder, from_decoder)
        self.step = _compiled(self.model, self._adam)

    @property
    def pretrained(self) -> bool:
        """Whether the encoder starts from pretrained weights, and not from seeded random numbers."""
        return self._pretrained is not None

    def reset(self, seed: int) -> None:
        """Go back to the start: the seed's initial weights, no moments."""
        if self._initial[0] != seed:
            self._initial = (seed, self._start(seed))
        set_weights(self.model, self._initial[1])
        self._adam.reset()

    def _start(self, seed: int) -> Tensors:
        return initial_weights(self.model, self._pretrained, seed)

    def fit(
        self,
        training: Dataset,
        validation: Dataset,
        params: TrainParams,
        on_epoch: Callable[[Epoch], None],
    ) -> Fit:
        """Train from the start; `on_epoch` sees each epoch and may raise to stop.

        Leaves the best epoch's weights in `model`.
        """
        self.reset(params.seed)
        steps = steps_per_epoch(len(training), self._batch_size)
        history: list[Epoch] = []
        best: Epoch | None = None
        tensors: Tensors = {}
        for number in range(1, params.epochs + 1):
            epoch = self._epoch(number, steps, training, validation, params)
            history.append(epoch)
            if best is None or epoch.validation.mean_iou > best.validation.mean_iou:
                best, tensors = epoch, get_weights(self.model)
            on_epoch(epoch)
            if number - best.number >= params.patience:
                break
        assert best is not None, "there is at least one epoch"
        set_weights(self.model, tensors)
        return Fit(tensors, tuple(history), best, self.pretrained)

    def _epoch(
        self, number: int, steps: int, training: Dataset, validation: Dataset, params: TrainParams
    ) -> Epoch:
        chosen = params.hyperparameters
        augmentation = (params.augmentation, chosen.augmentation_strength)
        losses = []
        learning_rate = 0.0
        done = (number - 1) * steps
        for step, (images, masks) in enumerate(
            batches(training, self._batch_size, params.seed, number, augmentation), start=done
        ):
            share = rate(step, params.epochs * steps, round(params.warmup_epochs * steps))
            learning_rate = chosen.learning_rate * share
            losses.append(
                self.step(
                    images,
                    masks,
                    *constants(learning_rate, chosen.encoder_rate, chosen.dice_weight, chosen.border_weight),
                )
            )
        loss, validated = validate(self.predict, validation)
        mean = float(np.mean([float(value) for value in losses]))
        return Epoch(number, learning_rate, mean, loss, validated)


def constants(*values: float) -> tuple[Any, ...]:
    """Give numbers as float32 tensors, which a compiled graph takes without being traced again."""
    return tuple(tf.constant(value, tf.float32) for value in values)


def validate(predict: Callable[[Any], Any], data: Dataset) -> tuple[float, Scores]:
    """Give cross-entropy and overlap scores of a model on a whole split."""
    logits = predict(data.images)
    right = np.take_along_axis(softmax(logits), data.masks[..., None].astype(np.int64), axis=-1)
    loss = float(-np.log(np.maximum(right, np.finfo(np.float64).tiny)).mean())
    matrices = confusion(data.masks, logits.argmax(axis=-1), logits.shape[-1])
    return loss, scores(matrices.sum(axis=0))


def _trainable(model: Any, encoder: Encoder, frozen_blocks: int) -> tuple[list[Any], list[Any]]:
    """Split the variables that train into encoder and decoder; frozen blocks are in neither."""
    before, after = [], []
    for layer in model.layers:
        variables = [variable.value for variable in layer.weights]
        if not layer.name.startswith(ENCODER_PREFIX):
            after.extend(variables)
        elif variables and (frozen_blocks == 0 or encoder.block_of(layer.name) > frozen_blocks):
            before.extend(variables)
    return before, after


def _compiled(model: Any, adam: Adam) -> Step:
    """Compile one training step; all numbers that differ between fits are its inputs."""

    def step(
        images: Any, masks: Any, learning_rate: Any, encoder_rate: Any, dice_weight: Any, border_weight: Any
    ) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(adam.variables)
            logits = model(tf.cast(images, tf.float32), training=True)
            loss = cross_entropy(logits, masks, border_weight) + dice_weight * soft_dice(logits, masks)
        gradients = tape.gradient(loss, adam.variables)
        adam.apply(gradients, [learning_rate * encoder_rate, learning_rate])
        return loss

    return tf.function(step, autograph=False)  # type: ignore[no-any-return]  # TensorFlow is untyped here
