"""The U-Net: encoder, five skip connections, transposed-convolution decoder.

The skips are the encoder's maps at strides 16, 8, 4, 2 and 1 (MobileNetV2's finest is the picture itself).
All 3x3 convolutions of the decoder run at stride 2 or coarser, where they are cheap: the finest map joins
there as learned 2x2 patches, and one transposed convolution takes the last step to full size.
"""

from __future__ import annotations

from typing import Any

import keras

from stagekit.model.architecture import IMAGENET_MEAN, IMAGENET_STD, Architecture
from stagekit.model.encoders import encoder_of

ENCODER_PREFIX = "features."
"""The names of the encoder's layers begin so; every other layer with weights is the decoder's."""

LOGITS = "decoder.logits"
_PATCH_FILTERS = 12


def build_unet(architecture: Architecture) -> Any:
    """Build the network; its weights mean nothing until `set_weights` is called.

    Input: images (batch, size, size, 3), RGB in 0..255. Output: logits (batch, size, size, classes); their
    softmax over the last axis gives probabilities (calibration divides the logits first).
    """
    size = architecture.input_size
    image = keras.Input((size, size, 3), name="image")
    normalised = keras.layers.Rescaling(
        [1.0 / (255.0 * deviation) for deviation in IMAGENET_STD],
        [-mean / deviation for mean, deviation in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)],
        name="normalise",
    )(image)
    finest, *skips, x = encoder_of(architecture.encoder).encode(normalised)
    patches = keras.layers.Conv2D(_PATCH_FILTERS, 2, strides=2, name="decoder.patches")(finest)
    skips[0] = keras.layers.Concatenate()([skips[0], patches])
    for stage, (skip, filters) in enumerate(zip(reversed(skips), architecture.decoder_filters, strict=True)):
        x = keras.layers.Conv2DTranspose(filters, 2, strides=2, name=f"decoder.{stage}.up")(x)
        x = keras.layers.Concatenate()([x, skip])
        x = keras.layers.Conv2D(filters, 3, padding="same", name=f"decoder.{stage}.mix")(x)
        x = keras.layers.ReLU()(x)
    logits = keras.layers.Conv2DTranspose(len(architecture.classes), 2, strides=2, name=LOGITS)(x)
    return keras.Model(image, logits, name="unet")
