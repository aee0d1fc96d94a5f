"""What makes a datum the same datum, and what makes its result still good.

The id says *which* datum it is: names and paths, no contents. The hash says what its result depends on. A
datum is skipped when a former job had one of the same id and hash that succeeded; so whatever is missing
from the hash is a way for old results to pass as new ones. Pachyderm's rule hashes inputs and salt only: a
new image keeps old outputs. Ours adds the recipe. Both are frozen by golden vectors in the tests; changing
either re-runs everything that anybody ever ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from calf.model.pps_infos import DatumInput

_RECORD = b"calf datum 1"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The code that turns a datum's inputs into its output; `image` is the digest of all that is in it."""

    image: str
    cmd: Sequence[str]
    stdin: Sequence[str] = ()
    err_cmd: Sequence[str] = ()
    err_stdin: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    accept_return_code: Sequence[int] = ()
    user: str = ""
    working_dir: str = ""
    datum_batching: bool = False


def datum_id(inputs: Iterable[DatumInput]) -> str:
    """64 hex digits over each input's name, repo, branch and path, in order, each with its length behind it.

    Not in it: project, commit, contents, pipeline, salt. So the id of a datum stays when its files change.
    """
    digest = blake2b(digest_size=32)
    for part in inputs:
        for text in (part.name, part.repo.name, part.branch, part.path):
            encoded = text.encode()
            digest.update(encoded)
            digest.update(_length(encoded))
    return digest.hexdigest()


def datum_hash(identity: str, inputs: Iterable[DatumInput], salt: str, recipe: Recipe | None) -> str:
    """64 hex digits over what the result depends on: Pachyderm's rule without a `recipe`, ours with one.

    `identity` is the `datum_id`. The content of inputs that are marked as reference is left out in both.
    """
    if recipe is not None:
        return _calf_hash(identity, inputs, salt, recipe)
    digest = blake2b(identity.encode(), digest_size=32)
    for part in inputs:
        if not part.reference:
            digest.update(part.hash)
    digest.update(salt.encode())
    return digest.hexdigest()


def _calf_hash(identity: str, inputs: Iterable[DatumInput], salt: str, recipe: Recipe) -> str:
    """Every field with its length before it, every list with its count: no two records are alike."""
    fields: list[list[bytes]] = [
        [_RECORD],
        [identity.encode(), salt.encode()],
        [item for part in inputs for item in _what_the_stage_sees(part)],
        [recipe.image.encode(), recipe.user.encode(), recipe.working_dir.encode()],
        _texts(recipe.cmd),
        _texts(recipe.stdin),
        _texts(recipe.err_cmd),
        _texts(recipe.err_stdin),
        _texts(item for pair in sorted(recipe.env.items()) for item in pair),
        _texts(str(code) for code in sorted(recipe.accept_return_code)),
        [b"batching" if recipe.datum_batching else b"single"],
    ]
    digest = blake2b(digest_size=32)
    for values in fields:
        digest.update(len(values).to_bytes(8, "big"))
        for value in values:
            digest.update(_length(value))
            digest.update(value)
    return digest.hexdigest()


def _what_the_stage_sees(part: DatumInput) -> list[bytes]:
    form = b"lazy" if part.lazy else b"empty" if part.empty_files else b"files"
    content = b"" if part.reference else part.hash
    return [form, content, part.join_on.encode(), part.group_by.encode()]


def _texts(values: Iterable[str]) -> list[bytes]:
    return [value.encode() for value in values]


def _length(encoded: bytes) -> bytes:
    return len(encoded).to_bytes(8, "big")
