"""A folder in which a datum can be run by hand: its inputs, its variables and a script."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from calf.client.get import get_tree
from calf.kit.paths import safe_join
from calf.model.errors import AlreadyExists, NotFound
from calf.views.labels import CONTAINER, HOST
from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client

OUTPUT = "job-output"
_FETCHED = ".fetched"


def lay_out(client: Client, kit: Message, into: Path) -> None:
    """Make the folder of a `DebugDatumResponse`. Raises `AlreadyExists` when something is in it."""
    if into.exists() and any(into.iterdir()):
        raise AlreadyExists(f"{into} is not empty", "name a new folder")
    (into / "pfs" / "out").mkdir(parents=True)
    for part in kit.inputs:
        _fetch(client, part, safe_join(into / "pfs", part.name))
    if kit.HasField("output"):
        _fetch_output(client, kit.output, into)
    text = "".join(f"{name}={value}\n" for name, value in sorted(kit.env.items()) if "\n" not in value)
    (into / "datum.env").write_text(text)
    (into / "pfs" / ".env").write_text(text)
    if kit.stdin:
        (into / "stdin").write_text("".join(f"{line}\n" for line in kit.stdin))
    script = into / "run.sh"
    script.write_text(write_script(kit))
    script.chmod(0o755)


def _fetch(client: Client, part: Message, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    if not part.empty_files:
        get_tree(client, part.file, into)
        return
    for info in client.pfs.WalkFile(pfs.WalkFileRequest(file=part.file)):
        if info.file_type == pfs.FILE:
            path = safe_join(into, info.file.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def _fetch_output(client: Client, folder: Message, into: Path) -> None:
    """What the job has of the datum's output; there may be none."""
    try:
        get_tree(client, folder, into / _FETCHED)
    except NotFound:
        return
    found = safe_join(into / _FETCHED, folder.path)
    if found.exists():
        found.rename(into / OUTPUT)
    shutil.rmtree(into / _FETCHED, ignore_errors=True)


def write_script(kit: Message) -> str:
    """A script that runs the datum's stage on the folder that it lies in, where its image is to be had."""
    job = kit.datum.datum.job
    calf = Path(sys.executable).with_name("calf")
    pinned = f"{kit.image.name}@{kit.image.digest}" if kit.image.digest else kit.image.name
    image = HOST if kit.image.kind == HOST else shlex.quote(pinned)
    start = f"-w {shlex.quote(kit.working_dir)} " if kit.working_dir else ""
    options = f'--rm -i --network none -v "$PWD/pfs:/pfs" --env-file ./datum.env {start}'
    by_calf = [
        'if command -v "$calf" >/dev/null; then',
        f'    exec "$calf" image run --pfs ./pfs --env-file ./datum.env {start}{image} -- "$@"',
        "fi",
    ]
    return "\n".join(
        [
            "#!/bin/sh",
            f"# Datum {kit.datum.datum.id} of job {job.pipeline.name}@{job.id}, by hand, on ./pfs.",
            "# With arguments it runs those instead: `./run.sh sh` is a shell in the stage's place.",
            "# Images are those of the server in $CALF_HOME, or of podman or docker where there is no calf.",
            'cd "$(dirname "$0")" || exit',
            f"calf={shlex.quote(str(calf) if calf.exists() else 'calf')}",
            'if [ "$#" -eq 0 ]; then',
            f"    set -- {shlex.join(kit.cmd)}",
            f"    exec <{'stdin' if kit.stdin else '/dev/null'}",
            "fi",
            *([] if kit.image.kind == CONTAINER else by_calf),
            f'exec "$(command -v podman || echo docker)" run {options}--entrypoint "" {_of_engine(kit)} "$@"',
            "",
        ]
    )


def _of_engine(kit: Message) -> str:
    """How an engine knows the image: by its id, where it ran the datum itself."""
    pinned = kit.image.kind == CONTAINER
    return kit.image.digest.removeprefix("sha256:") if pinned else shlex.quote(kit.image.name)
