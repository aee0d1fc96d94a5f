"""Which keys a part of a spec may have, in which spellings, and what to say about others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from calf.kit.fieldpath import child
from calf.kit.nearest import nearest as closest
from calf.model.spec.errors import FieldError, field_error
from calf.model.spec.retired import successor


def camel(key: str) -> str:
    """The camelCase spelling of a snake_case key (`s3_out` is `s3Out`, as protobuf has it)."""
    first, *rest = key.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def by_key(
    document: Mapping[str, object], known: Iterable[str], path: str, *, nulls: bool = False
) -> dict[str, object]:
    """The members of `document` under their snake_case keys; null counts as absent, unless `nulls`.

    Raises `FieldError` for a key that is not known, and for one that is given in both spellings.
    """
    spellings = _spellings(tuple(known))
    found: dict[str, object] = {}
    for spelling, value in document.items():
        if spelling not in spellings:
            raise _unknown(spelling, spellings, path)
        key = spellings[spelling]
        if key in found:
            raise field_error(child(path, spelling), f"given twice, as {key} and as {camel(key)}", "keep one")
        if value is not None or nulls:
            found[key] = value
    return found


@lru_cache(maxsize=128)
def _spellings(known: tuple[str, ...]) -> Mapping[str, str]:
    return {spelling: key for key in known for spelling in (key, camel(key))}


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that `word` was probably meant to be, or an empty text."""
    plain: dict[str, str] = {}
    for candidate in known:
        plain.setdefault(_plain(candidate), candidate)
    return plain.get(closest(_plain(word), plain), "")


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()


def _unknown(key: str, spellings: Mapping[str, str], path: str) -> FieldError:
    where = child(path, key)
    instead = successor(child(path, _snake(key)))
    if instead is not None:
        return field_error(where, "a field of Pachyderm 1.x that 2.x does not have", instead)
    close = nearest(key, spellings)
    hint = (
        f'did you mean "{close}"?' if close else f"known here: {', '.join(sorted(set(spellings.values())))}"
    )
    return FieldError(f'{path}: unknown field "{key}"' if path else f'unknown field "{key}"', where, hint)


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
