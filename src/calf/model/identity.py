"""What makes a datum the same datum, and what makes its result still good.

The id says *which* datum it is: names and paths, no contents. The hash says what its result depends on. A
datum is skipped when a former job had one of the same id and hash that succeeded; so whatever is missing
from the hash is a way for old results to pass as new ones. Pachyderm's rule hashes inputs and salt only: a
new image keeps old outputs. Ours adds the recipe. Both are frozen by golden vectors in the tests; changing
either re-runs everything that anybody ever ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b

from calf.model.pps_infos import DatumInput

_RECORD = b"calf datum 1"
_SMALL = tuple(number.to_bytes(8, "big") for number in range(1024))

Hasher = Callable[[str, Iterable[DatumInput]], str]
"""Takes a datum's id and its inputs, gives its hash."""


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
    pieces: list[bytes] = []
    for part in inputs:
        for text in (part.name, part.repo.name, part.branch, part.path):
            encoded = text.encode()
            pieces += (encoded, _number(len(encoded)))
    return _digest(pieces)


def datum_hash(identity: str, inputs: Iterable[DatumInput], salt: str, recipe: Recipe | None) -> str:
    """64 hex digits over what the result depends on: Pachyderm's rule without a `recipe`, ours with one.

    `identity` is the `datum_id`. The content of inputs that are marked as reference is left out in both.
    Who asks for many datums takes `datum_hasher` once.
    """
    return datum_hasher(salt, recipe)(identity, inputs)


def datum_hasher(salt: str, recipe: Recipe | None) -> Hasher:
    """The `datum_hash` of one salt and recipe, for any number of datums: what they share is encoded once."""
    if recipe is None:
        return partial(_pachyderm_hash, salt.encode())
    before = _list([_RECORD])
    after = b"".join(
        (
            _list([recipe.image.encode(), recipe.user.encode(), recipe.working_dir.encode()]),
            _list(_texts(recipe.cmd)),
            _list(_texts(recipe.stdin)),
            _list(_texts(recipe.err_cmd)),
            _list(_texts(recipe.err_stdin)),
            _list(_texts(item for pair in sorted(recipe.env.items()) for item in pair)),
            _list(_texts(str(code) for code in sorted(recipe.accept_return_code))),
            _list([b"batching" if recipe.datum_batching else b"single"]),
        )
    )
    return partial(_calf_hash, before, salt.encode(), after)


def _pachyderm_hash(salt: bytes, identity: str, inputs: Iterable[DatumInput]) -> str:
    return _digest([identity.encode(), *(part.hash for part in inputs if not part.reference), salt])


def _calf_hash(before: bytes, salt: bytes, after: bytes, identity: str, inputs: Iterable[DatumInput]) -> str:
    """Every field with its length before it, every list with its count: no two records are alike."""
    seen = [_field(value) for part in inputs for value in _what_the_stage_sees(part)]
    return _digest([before, _list([identity.encode(), salt]), _number(len(seen)), *seen, after])


def _what_the_stage_sees(part: DatumInput) -> tuple[bytes, bytes, bytes, bytes]:
    form = b"lazy" if part.lazy else b"empty" if part.empty_files else b"files"
    content = b"" if part.reference else part.hash
    return form, content, part.join_on.encode(), part.group_by.encode()


def _texts(values: Iterable[str]) -> list[bytes]:
    return [value.encode() for value in values]


def _list(values: Sequence[bytes]) -> bytes:
    return _number(len(values)) + b"".join(map(_field, values))


def _field(value: bytes) -> bytes:
    return _number(len(value)) + value


def _number(number: int) -> bytes:
    return _SMALL[number] if number < len(_SMALL) else number.to_bytes(8, "big")


def _digest(pieces: Iterable[bytes]) -> str:
    return blake2b(b"".join(pieces), digest_size=32).hexdigest()
