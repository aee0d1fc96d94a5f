"""The direction in which a photo must change to raise a model's loss most."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from stagekit.dataset import Dataset
from stagekit.model.predict import BATCH
from stagekit.train.loss import cross_entropy


def signs(network: Any, data: Dataset) -> Any:
    """Give for each value of each photo the direction that raises the loss most: int8."""

    def gradient(images: Any, masks: Any) -> Any:
        pixels = tf.cast(images, tf.float32)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            loss = cross_entropy(network(pixels, training=False), masks, 1.0)
        return tf.cast(tf.sign(tape.gradient(loss, pixels)), tf.int8)

    size = data.size
    shapes = [tf.TensorSpec([None, size, size, 3], tf.uint8), tf.TensorSpec([None, size, size], tf.uint8)]
    compiled = tf.function(gradient, input_signature=shapes, autograph=False)
    return np.concatenate(
        [
            compiled(data.images[start : start + BATCH], data.masks[start : start + BATCH]).numpy()
            for start in range(0, len(data), BATCH)
        ]
    )
