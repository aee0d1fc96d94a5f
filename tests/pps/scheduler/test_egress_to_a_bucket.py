"""Egress to an object store that speaks S3's own protocol: what arrives, what is tried again, what stays."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator

import pytest

from calf.storage.remote import Remotes
from tests.pps.workshop import Open, Workshop


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # not for each worker, it is large

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def make_bucket(address: str, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes the test's bucket; gives its name."""

    def make() -> str:
        name = f"b{abs(hash(request.node.nodeid))}"
        urllib.request.urlopen(urllib.request.Request(f"{address}/{name}", method="PUT")).close()
        return name

    return make


@pytest.fixture
def workshop(open_workshop: Open, address: str) -> Workshop:
    made = open_workshop()
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
    object.__setattr__(made.pfs, "remotes", Remotes({**keys, "AWS_ENDPOINT_URL": address}))
    made.repo("in")
    return made


def objects(workshop: Workshop, bucket: str) -> dict[str, str]:
    place = workshop.pfs.remotes.open(f"s3://{bucket}")
    return {file.name: b"".join(place.read(file.name)).decode() for file in place.list()}


def test_a_bucket_gets_the_whole_output_once_and_keeps_what_later_outputs_lack(
    workshop: Workshop, make_bucket: Callable[[], str]
) -> None:
    bucket = make_bucket()
    workshop.put("in", {"/a": "1", "/dir/b": "2"})
    job = workshop.pipeline("p", "in:/", egress={"URL": f"s3://{bucket}/some/place"})
    assert workshop.wait("p", job).state.name == "SUCCESS"
    whole = {"some/place/a": "1", "some/place/dir/b": "2"}
    assert objects(workshop, bucket) == whole
    again = workshop.pipeline("p", "in:/", egress={"URL": f"s3://{bucket}/some/place"}, update=True)
    assert workshop.wait("p", again).state.name == "SUCCESS"
    assert objects(workshop, bucket) == whole
    later = workshop.put("in", {"/a": "one"}, delete=["/dir/b"])
    assert workshop.wait("p", later).state.name == "SUCCESS"
    assert objects(workshop, bucket) == {**whole, "some/place/a": "one"}


def test_a_job_waits_for_a_bucket_that_is_not_there_yet(
    workshop: Workshop, make_bucket: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    url = f"s3://b{abs(hash(request.node.nodeid))}/place"
    workshop.put("in", {"/a": "1"})
    job = workshop.pipeline("p", "in:/", egress={"object_storage": {"url": url}})
    reason = f"egress: {url}/a: there is no such bucket; trying again in"
    info = workshop.until_reason("p", job, reason, whole=False)
    assert info.state.name == "EGRESSING"
    reader = workshop.pipeline("q", "p:/")
    assert workshop.until("q", reader, "STARTING").reason == "waiting for p"
    bucket = make_bucket()
    assert workshop.wait("p", job).state.name == "SUCCESS"
    assert objects(workshop, bucket) == {"place/a": "1"}
    assert workshop.wait("q", reader).state.name == "SUCCESS"
