"""`images/digests.lock`: the one place where digests of images are written, and what each was built of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from building.plans import BASE, ROOT, BuildError, Plan, all_plans
from building.sources import read_base, read_sources

LOCK = ROOT / "images/digests.lock"
UPSTREAM = BASE / "upstream.txt"
ALL = "make images"
LOCAL = "this machine's own Python and libraries"
"""What the base is made of while `upstream.txt` names nothing."""
_PINNED = re.compile(r"\S+@sha256:[0-9a-f]{64}")
_SHA = r"sha256:[0-9a-f]{64}"
_BASE_LINE = re.compile(rf"# base ({_SHA}) of ({_SHA}) on (.+)")
_LINE = re.compile(rf"(\S+) ({_SHA}) # of ({_SHA})")
_HEAD = """\
# Our images by the digest of their manifest. `make images` writes this, and digests stand nowhere else.
# They hold for build/images/oci as it is: `skopeo copy --preserve-digests` brings that to a registry, and a
# push that compresses anew makes other digests. "of" is the digest of the Dockerfile and the files that it
# copies: where they changed since, `make specs-check` and `make conf-check` say so. docs/design/images.md
"""


@dataclass(frozen=True, slots=True)
class Built:
    """An image: its manifest's digest (of the base: its id), and the digest of what it was built of."""

    digest: str
    of: str


@dataclass(frozen=True, slots=True)
class Lock:
    """What the lock says. `python` is what the base stands on, in words for people or by digest."""

    base: Built
    python: str
    images: Mapping[str, Built]


def write(lock: Lock, path: Path = LOCK) -> bool:
    """Write it; whether it says anything else than before."""
    base = f"# base {lock.base.digest} of {lock.base.of} on {lock.python}\n"
    lines = (f"{name} {built.digest} # of {built.of}\n" for name, built in sorted(lock.images.items()))
    text = "".join((_HEAD, base, *lines))
    if path.is_file() and path.read_text() == text:
        return False
    path.write_text(text)
    return True


def read(path: Path = LOCK) -> Lock | None:
    """What was written; None where there is nothing. Raises `BuildError` for what `write` does not write."""
    if not path.is_file():
        return None
    text = path.read_text()
    head = _BASE_LINE.search(text)
    if head is None:
        raise BuildError(f"images/{path.name}: no line tells of the base")
    images = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line)
        if found:
            images[found[1]] = Built(found[2], found[3])
        elif line and not line.startswith("#"):
            raise BuildError(f"images/{path.name}:{number}: it does not say what the image was built of")
    return Lock(Built(head[1], head[2]), head[3], images)


def kept(plans: Sequence[Plan], base: Built, path: Path = LOCK) -> dict[str, Built]:
    """What the lock says of the images that are not built now.

    Raises `BuildError` where those stand on another base: the images of one lock share theirs.
    """
    others = {plan.name for plan in all_plans()} - {plan.name for plan in plans}
    if not others:
        return {}
    known = read(path)
    if known is None or known.base != base:
        raise BuildError("the others in images/digests.lock stand on another base, so build all: make images")
    return {name: built for name, built in known.images.items() if name in others}


def stale(lock: Lock, plans: Sequence[Plan], root: Path = ROOT) -> tuple[list[str], str]:
    """What the lock says that is not so any more, a line each, and the command that mends it."""
    base = root / "images/base"
    if lock.base.of != read_base(base).digest(read_upstream(base / "upstream.txt")):
        return ["the base was built of other files (images/base)"], ALL
    wrong, again = [], []
    for plan in plans:
        built = lock.images.get(plan.name)
        if built is None or built.of != read_sources(plan, root).digest():
            wrong.append(f"{plan.name} {'was built of other files' if built else 'has no digest'}")
            again.append(plan.short)
    gone = sorted(set(lock.images) - {plan.name for plan in plans})
    wrong += [f"{name} is no image of ours" for name in gone]
    some = f'{ALL} IMAGES="{" ".join(again)}"'
    return wrong, some if again else f"take away the line of {gone[0]}" if gone else ""


def read_upstream(path: Path = UPSTREAM) -> str:
    """The pinned Python that images stand on; empty while nobody has pinned one.

    Raises `BuildError` for more than one line, and for a line without a digest: what a tag means can change.
    """
    lines = [line.strip() for line in path.read_text().splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        return ""
    if len(found) > 1 or not _PINNED.fullmatch(found[0]):
        raise BuildError(f"{path.name}: expected one line, NAME@sha256:<64 hex digits>")
    return found[0]
