"""Requests and answers of the Open Inference Protocol, version 2, in JSON.

A request has one input: `image`, pixels that are resized already, or `photo`, the bytes of JPEG, PNG or GIF
files in base64, which are decoded and resized as ingest does it. Outputs are `probabilities`, calibrated,
and `mask`, the likeliest class of each pixel; all of them unless the request names some.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from stagekit.ingest.decode import RejectedError, decode_photo, to_square
from stagekit.metrics.confidence import likeliest

IMAGE, PHOTO = "image", "photo"
PROBABILITIES, MASK = "probabilities", "mask"
OUTPUTS = (PROBABILITIES, MASK)
MAX_PHOTOS = 16
MAX_PIXELS = 50_000_000
"""The most pixels of a photo: what ingest takes by default. A larger one is refused before it is decoded."""


class BadRequestError(Exception):
    """A request that cannot be answered: the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: images (n, side, side, 3) uint8, the names of the outputs, and its own id if it has one."""

    images: Any
    outputs: tuple[str, ...]
    id: str | None = None


def inputs(side: int) -> list[dict[str, Any]]:
    """Describe what a request may hold, one of them."""
    return [_tensor(IMAGE, "UINT8", [-1, side, side, 3]), _tensor(PHOTO, "BYTES", [-1])]


def outputs(side: int, classes: int) -> list[dict[str, Any]]:
    """Describe what an answer holds."""
    return [
        _tensor(PROBABILITIES, "FP64", [-1, side, side, classes]),
        _tensor(MASK, "UINT8", [-1, side, side]),
    ]


def read_request(body: bytes, side: int) -> Asked:
    """Read a request for a model that takes squares of `side` pixels. Raises `BadRequestError`."""
    try:
        record = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is no JSON ({error})") from error
    if not isinstance(record, dict):
        raise BadRequestError("the body must be a JSON object with the key inputs")
    tensors, ident = record.get("inputs"), record.get("id")
    if not (isinstance(tensors, list) and len(tensors) == 1 and isinstance(tensors[0], dict)):
        raise BadRequestError(f"inputs must be a list of one tensor, {IMAGE} or {PHOTO}")
    if ident is not None and not isinstance(ident, str):
        raise BadRequestError("id must be a text")
    named = _outputs(record.get("outputs"))
    return Asked(_images(tensors[0], side), named, ident)


def answer(asked: Asked, probabilities: Any, model: str, version: str) -> dict[str, Any]:
    """Give the answer to a request; floats in JSON are exact, to the last bit evaluate's own."""
    computed = {
        PROBABILITIES: ("FP64", probabilities) if PROBABILITIES in asked.outputs else None,
        MASK: ("UINT8", likeliest(probabilities)) if MASK in asked.outputs else None,
    }
    tensors = [
        {**_tensor(name, found[0], list(found[1].shape)), "data": found[1].ravel().tolist()}
        for name, found in computed.items()
        if found is not None
    ]
    given = {"id": asked.id} if asked.id is not None else {}
    return {"model_name": model, "model_version": version, **given, "outputs": tensors}


def _tensor(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}


def _outputs(wanted: Any) -> tuple[str, ...]:
    if not wanted:
        return OUTPUTS
    if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        raise BadRequestError("outputs must be a list of objects with a name")
    names = [each.get("name") for each in wanted]
    if foreign := [name for name in names if name not in OUTPUTS]:
        raise BadRequestError(f"there is no output {foreign[0]!r}; there are {' and '.join(OUTPUTS)}")
    return tuple(name for name in OUTPUTS if name in names)


def _images(tensor: dict[str, Any], side: int) -> Any:
    name, datatype, shape = tensor.get("name"), tensor.get("datatype"), tensor.get("shape")
    wanted = next((each for each in inputs(side) if each["name"] == name), None)
    if wanted is None:
        raise BadRequestError(f"there is no input {name!r}; there are {IMAGE} and {PHOTO}")
    if datatype != wanted["datatype"]:
        raise BadRequestError(f"the datatype of {name} is {wanted['datatype']}, not {datatype!r}")
    count = _count(shape, wanted["shape"], wanted["name"])
    data = tensor.get("data")
    if not isinstance(data, list):
        raise BadRequestError(f"{name} needs its data as a list in JSON; binary tensors are not understood")
    return _pixels(data, [count, side, side, 3]) if name == IMAGE else _photos(data, count, side)


def _count(shape: Any, wanted: list[int], name: str) -> int:
    """Give how many photos a tensor says it holds."""
    numbers = isinstance(shape, list) and all(type(each) is int for each in shape)
    if not numbers or len(shape) != len(wanted) or shape[1:] != wanted[1:]:
        raise BadRequestError(f"the shape of {name} is {wanted} with any first number, not {shape!r}")
    if not 1 <= shape[0] <= MAX_PHOTOS:
        raise BadRequestError(f"{name} may hold 1 to {MAX_PHOTOS} photos, not {shape[0]}")
    return int(shape[0])


def _pixels(data: list[Any], shape: list[int]) -> Any:
    try:
        values = np.array(data)
    except (ValueError, OverflowError, RecursionError) as error:
        raise BadRequestError(f"the data of {IMAGE} are no tensor ({error})") from error
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() > np.iinfo(np.uint8).max:
        raise BadRequestError(f"the data of {IMAGE} must be whole numbers from 0 to 255")
    if values.size != np.prod(shape):
        raise BadRequestError(
            f"{IMAGE} holds {values.size} numbers; its shape {shape} needs {np.prod(shape)}"
        )
    return values.astype(np.uint8).reshape(shape)


def _photos(data: list[Any], count: int, side: int) -> Any:
    if len(data) != count or not all(isinstance(each, str) for each in data):
        raise BadRequestError(f"{PHOTO} must hold {count} texts in base64, as its shape says")
    return np.stack([_photo(each, number, side) for number, each in enumerate(data)])


def _photo(text: str, number: int, side: int) -> Any:
    try:
        photo = decode_photo(io.BytesIO(base64.b64decode(text, validate=True)), MAX_PIXELS)
    except (binascii.Error, ValueError) as error:
        raise BadRequestError(f"{PHOTO} {number} is not in base64 ({error})") from error
    except RejectedError as error:
        raise BadRequestError(f"{PHOTO} {number}: {error.reason}: {error}") from error
    return to_square(photo, side)
