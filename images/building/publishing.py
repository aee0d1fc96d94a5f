"""What becomes of images that came out the same twice: a layout for a registry, lists of their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from building import sbom, wheels
from building.engine import Engine
from building.layout import Layout, Published
from building.plans import BUILD, BuildError, Plan, fresh
from building.twice import Say, local_name

_SCRIPT = Path(__file__).with_name("inside.py")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The images' ids by name, the digest of what each was built of, and what all of them stand on."""

    ids: Mapping[str, str]
    of: Mapping[str, str]
    base: str


def publish(
    engine: Engine, plans: Sequence[Plan], outcome: Outcome, kept: Mapping[str, str], say: Say
) -> dict[str, str]:
    """Write `build/images/oci` and `build/images/sbom`; the digests of the manifests by name.

    `kept` are the digests of images that are not built now, and stay if they are there. Raises `BuildError`
    for an image that does not keep its promises.
    """
    folder, documents = BUILD / "oci", BUILD / "sbom"
    if not kept:
        fresh(folder)
        fresh(documents)
    documents.mkdir(parents=True, exist_ok=True)
    layout = Layout(folder, kept.values())
    found = {}
    for plan in plans:
        lock = plan.lock.read_text()
        told = engine.ask(local_name(plan), _SCRIPT.read_text())
        sbom.check_promises(plan.name, told, lock)
        published = _save(engine, plan, layout)
        identity = outcome.ids[plan.name]
        if published.id != identity:
            raise BuildError(f"{plan.name} is {published.id} in its layout, and {identity} in podman's store")
        found[plan.name] = published.digest
        subject = sbom.Subject(plan.name, identity, published.digest, outcome.base, outcome.of[plan.name])
        document = sbom.document(subject, told, wheels.hashes(plan.lock))
        (documents / f"{plan.short}.cdx.json").write_bytes(document)
        say(
            f"{plan.name:18} {published.digest[7:19]}  {_mebibytes(published.unpacked)} MiB, "
            f"to pull {_mebibytes(published.compressed)} MiB, {len(told['packages'])} packages"
        )
    there = layout.close()
    for name in sorted(name for name, digest in kept.items() if digest not in there):
        say(f"{name} is not in build/images/oci: to have it there, build it: make images")
    return found


def _save(engine: Engine, plan: Plan, layout: Layout) -> Published:
    saved = fresh(BUILD / "saved")
    try:
        engine.save(local_name(plan), saved)
        return layout.add_saved(plan.short, saved)
    finally:
        fresh(saved).rmdir()


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.0f}"
