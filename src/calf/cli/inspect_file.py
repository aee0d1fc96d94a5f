"""pachctl inspect file."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.repo_first import blame_repo_first
from calf.cli.session import Session, project_option
from calf.kit import sizes
from calf.views.words import printable
from calf.wire.messages import pfs


@click.command("file")
@click.argument("file", metavar="REPO@COMMIT:PATH")
@project_option
@output_options
@click.pass_obj
def command(session: Session, file: str, project: str | None, output: Output) -> None:
    """Show a file or folder."""
    target = refs.file(file, session.project(project))
    with blame_repo_first(session.client, target):
        info = session.client.pfs.InspectFile(pfs.InspectFileRequest(file=target))
    if output.raw:
        output.documents([info])
        return
    print_labels(
        [
            ("Path", printable(info.file.path)),
            ("Datum", info.file.datum),
            ("Type", {pfs.FILE: "file", pfs.DIR: "dir"}[info.file_type]),
            ("Size", sizes.format(info.size_bytes)),
            ("Hash", info.hash.hex()),
        ]
    )
