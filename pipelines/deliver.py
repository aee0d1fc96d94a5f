"""Brings the specs of a commit of this repository into force on a Pachyderm, and writes down there which.

A Job of cluster-conf/delivery runs it with each sync. Doing it again changes nothing; a pipeline whose spec
is no longer there is left alone, for deleting one deletes its output.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from calf.client.connection import Client, connect
from calf.model.errors import CalfError
from calf.wire.messages import metadata, pfs
from driver.apply import apply_spec
from driver.checkout import StepFailedError
from driver.rendering import Spec, read_digests, render_all
from driver.repos import PROOF_REPOS, REPOS, branch_head
from driver.transaction import transaction

REVISION = "calf.dev/revision"
"""The key of the project's metadata that has the commit: `pachctl inspect project default`."""
REGISTRY = re.compile(r"[\w.-]+(:\d+)?(/[\w.-]+)*")
"""No scheme and no slash at the end: an image's name begins with it."""
FAILED = 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="deliver", description=__doc__)
    parser.add_argument("--address", required=True, help="Pachyderm: grpc://host:port or grpcs://host:port")
    parser.add_argument("--specs", type=Path, required=True, help="folder of specs, in the order of the data")
    parser.add_argument(
        "--overlays", type=Path, required=True, help="folder of what is laid over them; may be empty"
    )
    parser.add_argument("--digests", type=Path, required=True, help="images/digests.lock")
    parser.add_argument("--registry", required=True, help="where the images are: host, or host/path")
    parser.add_argument("--revision", required=True, help="the whole id of the commit that the specs are of")
    parser.add_argument("--dry-run", action="store_true", help="say what would be applied, and ask nobody")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Deliver, and say what came of it; the exit code."""
    given = read_arguments(words)
    try:
        if not re.fullmatch(r"[0-9a-f]{40}", given.revision):
            raise StepFailedError(f"--revision is {given.revision!r}: expected the whole id of a commit")
        if not REGISTRY.fullmatch(given.registry):
            raise StepFailedError(f"--registry is {given.registry!r}: expected host, or host/path")
        specs = render_all(given.specs, given.registry, read_digests(given.digests), given.overlays)
        if given.dry_run:
            for spec in specs:
                print(f"{spec['pipeline']['name']:10} {spec['transform']['image']}")
            return 0
        with connect(given.address) as client:
            for name, done in deliver(client, specs, given.revision).items():
                print(f"{name:10} {done}")
    except (StepFailedError, CalfError) as error:
        print(f"deliver: {error}", file=sys.stderr)
        return FAILED
    print(f"in force: {given.revision}")
    return 0


def deliver(client: Client, specs: Sequence[Spec], revision: str) -> dict[str, str]:
    """Make repos and pipelines as one change, then write down the commit; what was done, by pipeline."""
    with transaction(client) as inside:
        for repo, description in {**REPOS, **PROOF_REPOS}.items():
            create = pfs.CreateRepoRequest(repo=branch_head(repo).repo, description=description, update=True)
            inside.pfs.CreateRepo(create)
        done = {spec["pipeline"]["name"]: _apply(client, inside, spec) for spec in specs}
    edit = metadata.Edit(
        project=pfs.ProjectPicker(name="default"),
        edit_key=metadata.Edit.EditKey(key=REVISION, value=revision),
    )
    client.call("/metadata.API/EditMetadata", metadata.EditMetadataRequest(edits=[edit]))
    return done


def _apply(client: Client, inside: Client, spec: Spec) -> str:
    """Bring a spec into force. What a server says about one does not name it, and the log is all there is."""
    try:
        return apply_spec(client, inside, spec)
    except CalfError as error:
        raise StepFailedError(f"pipeline {spec['pipeline']['name']}: {error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
