"""`make specs-check`: whether the specs work unchanged under calf and on a real Pachyderm 2.x.

Each is read as calf reads it, as the messages of both client libraries have it, and by the rules of Pachyderm
and Kubernetes; --to writes them as a cluster is given them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from calf.kit import exit_codes
from calf.model.errors import CalfError
from checking.places import REPOS, Checked, Places, check_all
from checking.reading import Source, read_specs, spec_files
from checking.rendering import DIGESTS, GPU, NO_DIGESTS, Images, read_lock
from checking.wire import ask_libraries
from deliver import REGISTRY
from driver.checkout import ROOT, SPECS, StepFailedError

EXAMPLE = "registry.example.org"


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="specs-check", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="specs (default: those of pipelines/)")
    parser.add_argument("--arg", action="append", default=[], metavar="NAME=VALUE", help="of a template")
    parser.add_argument(
        "--registry", default="", help="where a cluster has our images from: host, or host/path"
    )
    parser.add_argument(
        "--digests", type=Path, default=DIGESTS, help="the images' digests, NAME sha256:... a line"
    )
    parser.add_argument("--tag", default="", help="stands in for digests that there are not")
    parser.add_argument("--overlays", type=Path, default=GPU, help="what a cluster with GPUs lays over specs")
    parser.add_argument(
        "--repo", action="append", default=[], help="one more that is there before any pipeline; repeatable"
    )
    parser.add_argument("--to", type=Path, metavar="DIR", help="write the specs as a cluster is given them")
    given = parser.parse_args(words)
    if given.registry and not REGISTRY.fullmatch(given.registry):
        parser.error(
            f"--registry {given.registry}: expected host, or host/path, since images' names begin with it"
        )
    if given.to and not given.registry:
        parser.error("--to needs the --registry that the images are in")
    return given


def main(words: Sequence[str]) -> int:
    """Check, say what is wrong, and write; 8 when anything is wrong."""
    given = read_arguments(words)
    try:
        arguments = dict(pair.partition("=")[::2] for pair in given.arg)
        sources = [each for file in given.files or spec_files(SPECS) for each in read_specs(file, arguments)]
        images = Images(given.registry or EXAMPLE, read_lock(given.digests), given.tag)
        checked = check_all(sources, Places(images, given.overlays, REPOS.union(given.repo)), ask_libraries())
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}", "")
        return exit_codes.INVALID
    except (CalfError, StepFailedError) as error:
        _complain(str(error), getattr(error, "hint", ""))
        return exit_codes.INVALID
    for each in checked:
        _show(each)
    missing = not images.digests and not images.tag
    if missing:
        _complain(NO_DIGESTS.format(_below(given.digests)), "`make images` builds them")
    wrong = missing or any(each.problems for each in checked)
    if given.to and not wrong:
        _write(checked, given.to)
    if not wrong:
        print(f"{len(checked)} specs are good for calf and for a cluster")
    return exit_codes.INVALID if wrong else exit_codes.OK


def _show(checked: Checked) -> None:
    """A line about a spec, and one for each thing that is wrong or has to be known."""
    state = f"{len(checked.problems)} wrong" if checked.problems else "good"
    print(f"{checked.source.name:12} {state:8} {checked.image}")
    if checked.newer:
        more = f" and {len(checked.newer) - 1} more" if len(checked.newer) > 1 else ""
        print(f"{'':12} needs Pachyderm 2.8 or newer: {checked.newer[0]}{more}")
    for place, error in checked.problems:
        _complain(f"{_place(checked.source, error.field)}: {place}: {error.message}", error.hint)


def _place(source: Source, field: str) -> str:
    return source.document.where(field).replace(f"{ROOT}/", "", 1)


def _below(path: Path) -> str:
    return str(path).replace(f"{ROOT}/", "", 1)


def _complain(text: str, hint: str) -> None:
    print(f"error: {text}", file=sys.stderr)
    if hint:
        print(f"  hint: {hint}", file=sys.stderr)


def _write(checked: Sequence[Checked], folder: Path) -> None:
    """One file a spec and place, which `pachctl create pipeline -f` takes."""
    for number, each in enumerate(checked, 1):
        for place, spec in each.rendered.items():
            file = folder / place / f"{number}-{each.source.name}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(spec, indent=2, ensure_ascii=False) + "\n")
    print(f"written to {folder}: {', '.join(sorted({name for each in checked for name in each.rendered}))}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
