"""Which release is served: the newest, unless it was refused; then the one that the repo `serving` holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stagekit.errors import StageError
from stagekit.model.bundle import read_record
from stagekit.release.bundle import PROOF
from stagekit.release.verify import changed, verify

DECISION = "decision.json"
MODEL = "model"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be served: a bundle and the repo that it is from, or no bundle.

    `reasons` are those of the newest decision: all of them when it was accepted, else what it was refused
    for; `refused` says which of the two it was. A bundle that was named by hand has no decision.
    """

    bundle: Path | None
    source: str = ""
    reasons: tuple[str, ...] = ()
    refused: bool = False


def choose(release: Path, serving: Path | None) -> Choice:
    """Choose between outputs of release: the newest, and the copy of one that is in service, if there is one.

    Raises `StageError` when `release` holds no decision.
    """
    accepted, reasons = _decision(release / DECISION)
    if accepted:
        return Choice(release / MODEL, "release", reasons)
    if serving is not None and (serving / DECISION).is_file() and _decision(serving / DECISION)[0]:
        return Choice(serving / MODEL, "serving", reasons, refused=True)
    return Choice(None, "", reasons, refused=True)


def check(bundle: Path, keys: tuple[str, ...] = ()) -> None:
    """Hold every file of a bundle against what was released; `keys` (PEM) are those to trust.

    Raises `StageError` that lists what is wrong. A bundle without a proof, which a policy can let pass, is
    held against its own `provenance.json`, unless there are keys, which only a proof can satisfy.
    """
    proved = bool(keys) or (bundle / PROOF).is_file()
    if problems := verify(bundle, keys) if proved else changed(bundle):
        raise StageError(
            "\n  ".join((f"{bundle} is not as it was released, so it is not served:", *problems))
        )


def _decision(path: Path) -> tuple[bool, tuple[str, ...]]:
    """Read whether a release was accepted, and the reasons that count."""
    record = read_record(path)
    try:
        return bool(record["accepted"]), tuple(str(reason) for reason in record["reasons"])
    except (KeyError, TypeError) as error:
        raise StageError(f"{path}: no decision of a release ({error!r})") from error
