"""`calf image`: builds, lists and tries what stages run in; works with and without a running server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from calf.daemon import place
from calf.daemon.config import home_option
from calf.kit.errors import InvalidArgument

if TYPE_CHECKING:
    from calf.runner.images import ImageStore


@click.group()
def image() -> None:
    """Build, list and try the images of stages."""


@image.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-t", "--tag", default="", help="The image's name; default: calf/ and the folder's name.")
@home_option
def build(folders: tuple[Path, ...], tag: str, home: Path) -> None:
    """Build the image of each FOLDER's Dockerfile, unless it is there already."""
    from calf.runner.images import ImageStore, build_image, find_context
    from calf.runner.images.removing import building

    if tag and len(folders) > 1:
        raise InvalidArgument(
            "one name cannot stand for several images", "leave out --tag, or name one folder"
        )
    place.check_folder(home)
    images = ImageStore(home)
    before = images.names()
    for folder in folders:
        name = tag or f"calf/{folder.resolve().name}"
        with building(images):
            built = build_image(images, folder, name, find_context(folder), os.environ, click.echo)
        how = f" (mended: {built.changed})" if built.changed else "" if built.fresh else " (unchanged)"
        click.echo(f"{name} {built.image.digest}{how}")
        old = before.get(name, built.image.digest)
        if old != built.image.digest:
            cure = "`pachctl update pipeline -f SPEC` takes this one"
            click.echo(f"a pipeline that runs {name} goes on with {old[:19]}… until then: {cure}", err=True)


@image.command("list")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@home_option
def list_(output: str, home: Path) -> None:
    """List the images and the digests that their names stand for.

    While a server runs stages in containers, these are the engine's images, where it has those names.
    """
    from calf.runner.images import ImageStore
    from calf.runner.images.catalog import Catalog
    from calf.runner.images.store import STAGE

    images, engine = ImageStore(home), _engine(home)
    found = Catalog(images, home / "runner" / "engine", lambda: engine).named()
    if output == "json":
        told = [{"name": each.name, "digest": each.digest, "kind": each.kind} for each in found]
        click.echo(json.dumps(told))
        return
    click.echo("NAME\tDIGEST\tFILES\tPYTHON")
    for each in found:
        words = "-\t-"
        if each.kind == STAGE:
            manifest = images.manifest(each.digest)
            words = f"{manifest.files}\t{manifest.python}"
        click.echo(f"{each.name}\t{each.digest}\t{words}")


def _engine(home: Path) -> str:
    """The engine by which the server of a folder, if one runs, has its containers."""
    from calf.runner.backends import Detector, engine_of
    from calf.runner.host_system import write_etc

    running = place.find_running(home)
    isolation = str(place.read_options(home, running.pid).get("isolation", "")) if running else ""
    with TemporaryDirectory(prefix="calf-probe-") as folder:
        write_etc(Path(folder, "etc"))
        return engine_of(isolation, Detector(Path(folder), Path(folder, "etc")))


@image.command(context_settings={"ignore_unknown_options": True})
@click.argument("image_name", metavar="NAME")
@click.argument("argv", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "--pfs",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="What /pfs is; default: empty, and forgotten afterwards.",
)
@click.option(
    "--env-file", type=click.Path(path_type=Path, exists=True), help="Variables, one NAME=value a line."
)
@click.option("-w", "--workdir", default="", help="Where to start; default: where the image says.")
@home_option
def run(
    image_name: str, argv: tuple[str, ...], pfs: Path | None, env_file: Path | None, workdir: str, home: Path
) -> int:
    """Run a command in an image as a stage is run: no network, /pfs read-only but for /pfs/out.

    \b
    calf image run calf/split --pfs ./pfs -- sh
    """
    from calf.runner.by_hand import run_by_hand
    from calf.runner.images import ImageStore

    images = ImageStore(home)
    lines = env_file.read_text().splitlines() if env_file else []
    env = {name: value for name, equals, value in (line.partition("=") for line in lines) if equals}
    with TemporaryDirectory(prefix="calf-pfs-") as empty:
        view = images.view(images.resolve(image_name))
        return run_by_hand(view, pfs or Path(empty), env, argv, workdir)


@image.command()
@click.argument("image_name", metavar="NAME|DIGEST")
@home_option
def inspect(image_name: str, home: Path) -> None:
    """Show what an image is, and where its code and packages lie."""
    from calf.model.pps_infos import HOST
    from calf.runner.images import ImageStore

    images = ImageStore(home)
    image = images.resolve(f"@{image_name}" if image_name.startswith("sha256:") else image_name)
    if image.kind == HOST:
        click.echo(f"Digest: {image.digest}\nCode: this machine's own system")
        return
    manifest = images.manifest(image.digest)
    for label, value in (
        ("Digest", manifest.digest),
        ("Python", manifest.python),
        ("Environment", str(images.envs / manifest.environment) if manifest.environment else "none"),
        ("Code", str(images.folder(manifest.digest) / "tree")),
        ("Files", str(manifest.files)),
        ("Source", _source(images, manifest.digest)),
    ):
        click.echo(f"{label}: {value}")


def _source(images: ImageStore, digest: str) -> str:
    from calf.runner.images.source import read_source

    source = read_source(images.source_file(digest))
    if not source.commit:
        return "not known"
    return f"commit {source.commit}" + (f", but for {', '.join(source.changed)}" if source.dirty else "")
