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

from building import digests, publishing
from building.engine import Engine, find_engine, second_store, with_settings
from building.host_python import python_files
from building.layers import write_layer
from building.layout import Layout
from building.plans import BUILD, BuildError, Plan, all_plans, fresh
from building.twice import ROOT_NAME, build_all, differences, make_contexts
from building.wheels import fetch

_LOCAL = "this machine's own Python and libraries"
_ROOT = "root"
_VERSION = "import json, platform; print(json.dumps(platform.python_version()))"
CONTEXTS = BUILD / "contexts"


def main(argv: Sequence[str] | None = None) -> int:
    """Build what the arguments name; 1 when anything is wrong."""
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
    make_contexts(plans, CONTEXTS, engine.ask(python, _VERSION))
    if once:
        ids = build_all(engine, python, plans, CONTEXTS, _say)
        _say(f"built once, in {time.monotonic() - began:.0f} s: images/digests.lock stays as it is")
        return 0
    ids, again = _build_twice(engine, upstream, python, plans)
    if wrong := differences(ids, again):
        for name in wrong:
            _say(f"{name}: {ids[name]} the first time, {again.get(name)} the second")
        return 1
    _say(f"all {len(ids)} built twice with the same ids, in {time.monotonic() - began:.0f} s")
    found = publishing.publish(engine, plans, ids, upstream or _LOCAL, _say)
    if len(plans) == len(all_plans()):
        changed = digests.write(found, upstream or _LOCAL)
        _say(f"images/digests.lock {'is written' if changed else 'says the same'}")
    return 0


def _build_twice(
    engine: Engine, upstream: str, python: str, plans: list[Plan]
) -> tuple[dict[str, str], dict[str, str]]:
    """Beside each other: in the machine's store, and in an empty one where nothing can be left of before."""
    with second_store(engine) as other, ThreadPoolExecutor(2) as pool:
        _prepare(other, upstream)
        first = pool.submit(build_all, engine, python, plans, CONTEXTS, _say)
        second = pool.submit(build_all, other, python, plans, CONTEXTS, lambda _: None)
        return first.result(), second.result()


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
    parser.add_argument("only", nargs="*", help="some images only, as `train`; the lock stays as it is")
    parser.add_argument("--once", action="store_true", help="do not build a second time to compare")
    return parser.parse_args(argv)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
