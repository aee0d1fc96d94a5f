"""A trained model, ready to be asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from stagekit.model.bundle import WEIGHTS, read_signature
from stagekit.model.pretrained import BadWeightsError, load_tensors
from stagekit.model.unet import build_unet
from stagekit.model.weights import set_weights, tensors_digest

BATCH = 16


def load_model(folder: Path) -> Any:
    """Build the model of a bundle, with its weights.

    Raises `BadWeightsError` when the tensors are not the ones that the signature names.
    """
    model = build_unet(read_signature(folder).architecture)
    load_weights(model, folder)
    return model


def load_weights(model: Any, folder: Path) -> None:
    """Put the weights of a bundle into a model of its architecture; raises as `load_model` does."""
    tensors = load_tensors(folder / WEIGHTS)
    if tensors_digest(tensors) != read_signature(folder).tensors_sha256:
        raise BadWeightsError(f"{folder / WEIGHTS}: its tensors are not the ones that the signature names")
    set_weights(model, tensors)


def predictor(model: Any) -> Callable[[Any], Any]:
    """Compile a model: images (n, size, size, 3) uint8 to logits (n, size, size, classes) float32.

    Images go through in batches of `BATCH`; the function may be called often and is traced once. What an
    image gets does not depend on how many others there are: a server answers one photo as evaluate did all.
    """
    size = model.input_shape[1]

    def forward(images: Any) -> Any:
        return model(tf.cast(images, tf.float32), training=False)

    shapes = [tf.TensorSpec([None, size, size, 3], tf.uint8)]
    compiled = tf.function(forward, input_signature=shapes, autograph=False)
    fewest = _fewest()

    def answer(images: Any) -> Any:
        filling = np.repeat(images[-1:], max(0, fewest - len(images)), axis=0)
        return compiled(np.concatenate([images, filling])).numpy()[: len(images)]

    def predict(images: Any) -> Any:
        return np.concatenate(
            [answer(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]
        )

    return predict


def _fewest() -> int:
    """Give how many images a batch must have at least, so that their last bits are those of a full one.

    Measured: oneDNN treats a lone image differently, two or more alike. Without it (the profile `portable`)
    sums are dealt to threads by the size of the batch, so that only full ones are alike.
    """
    return 2 if os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1" else BATCH
