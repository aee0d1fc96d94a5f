"""`make images`: our images with podman, built twice, compared, and written down.

Without podman it says what lacks and does nothing: the sandbox needs no container images.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from building import digests
from building.contexts import BASE, make_contexts
from building.digests import Built, Lock
from building.engine import Engine, find_engine, second_store, with_settings
from building.host_python import python_files
from building.layers import write_layer
from building.layout import Layout
from building.plans import BUILD, BuildError, Plan, all_plans, fresh
from building.publishing import Outcome, publish
from building.twice import ROOT_NAME, build_all, build_base, check_same
from building.wheels import fetch

_ROOT = "root"
_VERSION = "import json, platform; print(json.dumps(platform.python_version()))"
CONTEXTS = BUILD / "contexts"


def main(argv: Sequence[str] | None = None) -> int:
    """Build what the arguments name, and have the lock say so; 1 when anything is wrong."""
    given = _arguments(argv)
    engine = find_engine()
    if isinstance(engine, str):
        _say(f"no container images: {engine}")
        return 0
    try:
        return _build(engine, _chosen(given.only), given.once)
    except BuildError as error:
        _say(f"make images: {error}")
        return 1


def _build(engine: Engine, plans: list[Plan], once: bool) -> int:
    began = time.monotonic()
    for plan in plans:
        fetch(plan.lock)
    upstream = digests.read_upstream()
    if not upstream:
        _make_root(fresh(BUILD / _ROOT))
    engine, python = _prepare(engine, upstream)
    made = make_contexts(plans, CONTEXTS, engine.ask(python, _VERSION))
    base = Built(build_base(engine, python, CONTEXTS), made[BASE].digest(upstream))
    if once:
        build_all(engine, plans, CONTEXTS, _say)
        _say(f"built once, in {time.monotonic() - began:.0f} s: images/digests.lock stays as it is")
        return 0
    stand = upstream or digests.LOCAL
    kept = digests.kept(plans, base)
    ids = _build_twice(engine, upstream, base, plans)
    _say(f"{len(ids)} built twice with the same ids, in {time.monotonic() - began:.0f} s")
    outcome = Outcome(ids, {name: made[name].digest() for name in ids}, stand)
    found = publish(engine, plans, outcome, {name: kept[name].digest for name in kept}, _say)
    images = {name: Built(found[name], outcome.of[name]) for name in found}
    changed = digests.write(Lock(base, stand, kept | images))
    _say(f"images/digests.lock {'is written' if changed else 'says the same'}")
    return 0


def _build_twice(engine: Engine, upstream: str, base: Built, plans: list[Plan]) -> dict[str, str]:
    """Beside each other: in the machine's store, and in an empty one where nothing can be left of before.

    The ids. Raises `BuildError` that names what came out differently.
    """
    with second_store(engine) as other, ThreadPoolExecutor(2) as pool:
        other, python = _prepare(other, upstream)
        check_same({BASE: base.digest}, {BASE: build_base(other, python, CONTEXTS)})
        first = pool.submit(build_all, engine, plans, CONTEXTS, _say)
        second = pool.submit(build_all, other, plans, CONTEXTS, lambda _: None)
        ids = first.result()
        check_same(ids, second.result())
        return ids


def _prepare(engine: Engine, upstream: str) -> tuple[Engine, str]:
    """The engine with settings that work here, and the image that the base is made of."""
    if upstream:
        engine.run("pull", "--quiet", upstream)
    else:
        engine.load(BUILD / _ROOT, _ROOT, ROOT_NAME)
    python = upstream or ROOT_NAME
    if engine.works(python):
        engine = with_settings(engine)
        if why := engine.works(python):
            raise BuildError(why)
    return engine, python


def _make_root(folder: Path) -> None:
    layer = folder / "layer.tar"
    write_layer(python_files(), layer)
    layout = Layout(folder)
    settings = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}
    layout.add_new(_ROOT, layer, settings)
    layout.close()


def _chosen(only: list[str]) -> list[Plan]:
    plans = all_plans()
    if unknown := set(only) - {plan.short for plan in plans}:
        raise SystemExit(f"there is no image {min(unknown)}")
    return [plan for plan in plans if not only or plan.short in only]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "only",
        nargs="*",
        help="some images only, as `train`: their lines of the lock, if the base is still the same",
    )
    parser.add_argument(
        "--once", action="store_true", help="do not build a second time to compare; the lock stays"
    )
    return parser.parse_args(argv)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
