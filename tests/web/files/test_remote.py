from __future__ import annotations

import io

import pytest

from calf.client.connection import Client
from calf.views.differences.pair import Unreadable
from calf.web.files.places import commit_at, file_in
from calf.web.files.remote import Remote
from tests.web.files.conftest import Put, repo

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def remote(shared: Client, put: Put) -> Remote:
    commit = put({"/r": CONTENT}, "remote")
    return Remote(shared, file_in(commit_at(repo(), commit), "/r"), len(CONTENT))


def test_it_reads_as_a_file_does_wherever_it_is_asked_for(remote: Remote) -> None:
    with remote.open(1 << 30) as file:
        for offset, whence, length in (
            (0, 0, 10),
            (-20, 2, 50),
            (5, 0, 3),
            (9, 1, 4),
            (10**7, 0, 5),
            (0, 0, -1),
        ):
            file.seek(offset, whence)
            expected = io.BytesIO(CONTENT)
            expected.seek(file.tell())
            assert file.read(length) == expected.read(length)


def test_no_more_is_read_than_is_allowed(remote: Remote) -> None:
    with remote.open(300_000) as file:
        assert file.read(1000) == CONTENT[:1000]
        with pytest.raises(Unreadable):
            file.read()
    with pytest.raises(Unreadable):
        remote.whole(len(CONTENT) - 1)
    assert remote.read(256, 2) == b"\0\1"
