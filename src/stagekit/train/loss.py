"""The training loss: weighted cross-entropy plus soft Dice."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from stagekit.samples import CLASSES


def cross_entropy(logits: Any, masks: Any, border_weight: Any) -> Any:
    """Give the mean over pixels, where border pixels count `border_weight` times.

    `logits` (batch, size, size, classes) float32, `masks` (batch, size, size) integers.
    """
    one_hot = tf.one_hot(tf.cast(masks, tf.int32), len(CLASSES))
    pixel = -tf.reduce_sum(one_hot * tf.nn.log_softmax(logits), axis=-1)
    weight = 1.0 + (border_weight - 1.0) * one_hot[..., CLASSES.index("border")]
    return tf.reduce_sum(weight * pixel) / tf.reduce_sum(weight)


def soft_dice(logits: Any, masks: Any) -> Any:
    """Give 1 - Dice of probabilities against truth, the mean over classes, each summed over the batch."""
    one_hot = tf.one_hot(tf.cast(masks, tf.int32), len(CLASSES))
    # Not `softmax`, whose reciprocal is an approximation that differs between processors.
    probabilities = tf.exp(tf.nn.log_softmax(logits))
    overlap = tf.reduce_sum(probabilities * one_hot, axis=(0, 1, 2))
    total = tf.reduce_sum(probabilities + one_hot, axis=(0, 1, 2))
    return 1.0 - tf.reduce_mean((2.0 * overlap + 1.0) / (total + 1.0))
