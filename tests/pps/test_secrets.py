"""Secrets: what is kept, what is refused, and who waits for them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from calf.model.errors import AlreadyExists, CalfError, InvalidArgument, NotFound
from calf.pps.scheduler.stage import worker_spec
from calf.pps.secrets import keeping
from calf.pps.secrets.document import read_secret
from tests.pps.stages import Visit
from tests.pps.workshop import Open, Workshop

USES = [{"name": "s", "key": "word", "env_var": "WORD"}, {"name": "s", "mount_path": "/etc/words"}]


def _create(workshop: Workshop, **data: str) -> None:
    text = json.dumps({"kind": "Secret", "metadata": {"name": "s"}, "stringData": data})
    with workshop.pfs.transaction() as txn:
        keeping.create(workshop.pps, txn, text)


def test_a_job_waits_for_its_secret_and_is_given_it(open_workshop: Open) -> None:
    def tell(visit: Visit) -> dict[str, bytes]:
        return {"/said": visit.env["WORD"].encode() + visit.spec.secrets["/etc/words"]["word"]}

    workshop = open_workshop({"tell": tell})
    workshop.repo("in")
    workshop.put("in", {"/a": ""})
    job = workshop.pipeline("p", stage="tell", transform={"secrets": USES})
    workshop.until_reason("p", job, "missing Kubernetes secret s")
    _create(workshop, other="x")
    workshop.until_reason("p", job, "Kubernetes secret s missing key word")
    with workshop.pfs.transaction() as txn:
        keeping.delete(workshop.pps, txn, "s")
    _create(workshop, word="sesame")
    assert workshop.wait("p", job).state.name == "SUCCESS"
    assert workshop.files("p") == {"/said": "sesamesesame"}
    kept = workshop.files("p.meta", job)
    assert not [path for path, text in kept.items() if "sesame" in text and "/out/" not in path]


def test_values_show_in_nothing_that_is_printed(workshop: Workshop) -> None:
    _create(workshop, word="sesame")
    with workshop.pfs.read() as tx:
        assert "sesame" not in repr(keeping.list_(tx))
    workshop.pipeline("p", transform={"secrets": USES[1:]})
    from calf.db import pipelines

    with workshop.pfs.read() as tx:
        (info,) = pipelines.all_(tx)
    assert "sesame" not in repr(worker_spec(workshop.pps, info))


def test_the_file_that_holds_them_is_private(workshop: Workshop, tmp_path: Path) -> None:
    _create(workshop, word="sesame")
    found = list((tmp_path / "home").glob("metadata.sqlite*"))
    assert found
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}


def test_a_secret_is_not_replaced_and_not_deleted_twice(workshop: Workshop) -> None:
    _create(workshop, word="x")
    with pytest.raises(AlreadyExists, match='secrets "s" already exists'):
        _create(workshop, word="y")
    with workshop.pfs.transaction() as txn:
        keeping.delete(workshop.pps, txn, "s")
    with pytest.raises(NotFound, match='secrets "s" not found'), workshop.pfs.transaction() as txn:
        keeping.delete(workshop.pps, txn, "s")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("kind: Pod", "kind is Pod"),
        ("metadata: {}", "metadata.name is missing"),
        ("metadata: {name: A_b}", 'Secret "A_b" is invalid'),
        ("metadata: {name: s}\ndata: {k: '*'}", "data.k is not base64"),
        ("metadata: {name: s}\ndata: {k: 'ü'}", "data.k is not base64"),
        ("metadata: {name: s}\ndata: {'a b': eA==}", "data has the key 'a b'"),
        ("metadata: {name: s}\ndata: {k: 1}", "data.k must be a text"),
        ("[]", "one object is wanted"),
    ],
)
def test_a_bad_document_is_refused_with_its_field(document: str, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_secret(document, 0.0)
    error: CalfError = caught.value
    assert text in error.message


def test_yaml_and_json_with_base64_mean_the_same() -> None:
    yaml = "kind: Secret\nmetadata: {name: s, labels: null}\ntype: Opaque\ndata: {k: aGk=}\n"
    as_json = '{"metadata": {"name": "s"}, "data": {"k": "aGk="}}'
    assert read_secret(yaml, 1.0) == read_secret(as_json, 1.0)
    assert read_secret(yaml, 1.0).data == {"k": b"hi"}
