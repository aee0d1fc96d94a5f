"""Writing the statement about a job's output, in the transaction that makes the job a success."""

from __future__ import annotations

from hashlib import sha256

from calf.db import commits as commit_rows
from calf.db import statements
from calf.db.statements import Kept
from calf.db.tx import Tx
from calf.model.errors import Internal
from calf.model.pps_infos import Image, JobInfo
from calf.model.refs import Job
from calf.model.statement.canonical import canonical
from calf.model.statement.composing import Made, Material, compose
from calf.model.statement.facts import ImageFacts
from calf.pfs.transaction import Txn
from calf.pps.engine import Pps
from calf.pps.scheduler import environment
from calf.pps.scheduler.soundness import check_still_sound
from calf.pps.scheduler.work import Work
from calf.pps.secrets.giving import made_when


def look(work: Work) -> ImageFacts:
    """What is in the image that the job ran in, by its files, so that no transaction waits for them.

    The key is made ready too: the first time, that loads a library. Raises `IntegrityError` for an image that
    was changed meanwhile.
    """
    work.pps.attestor.signer.ready()
    check_still_sound(work)
    return work.pps.images.describe(work.image)


def describe_sound(pps: Pps, image: Image) -> ImageFacts | None:
    """As `look`, before there is a job; None of an image that was changed."""
    pps.attestor.signer.ready()
    return None if pps.images.changed(image) else pps.images.describe(image)


def attest(work: Work, txn: Txn, info: JobInfo, facts: ImageFacts, base: Job | None = None) -> None:
    """State what a job made, once its output commit is finished; `base` is the job that it built on."""
    row = commit_rows.get(txn.tx, info.output_commit)
    if row is None or not row.finished:
        raise Internal(f"job {info.job} has no output to make a statement about")
    attestor = work.pps.attestor
    made = Made(
        job=info,
        pipeline=work.pipeline,
        image=work.image,
        facts=facts,
        machine=attestor.machine,
        environment=environment.of_worker(work.pipeline, work.transform),
        root=row.root,
        materials=statements.materials(txn.tx, row.id),
        base=_material(txn.tx, base) if base and info.counts.skipped else None,
        secrets=made_when(txn.tx, work.transform),
    )
    payload = canonical(compose(made))
    statements.insert(txn.tx, row.id, Kept(attestor.signer.sign(payload), sha256(payload).hexdigest()))


def _material(tx: Tx, job: Job) -> Material | None:
    """The output of a job, with its statement."""
    row = commit_rows.get(tx, job.output)
    if row is None:
        return None
    kept = statements.get(tx, row.id)
    return Material(row.commit, row.root, kept.sha256 if kept else "")
