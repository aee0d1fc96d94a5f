"""Object stores, tried on an S3 of this machine."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from calf.model.errors import Denied, InvalidArgument, NotFound, Unreachable
from calf.storage.remote import RemoteFile, Remotes
from calf.storage.remote.buckets import _SETTINGS, open_bucket

S3 = tuple[Remotes, str]


def test_what_is_written_is_listed_and_read(s3: S3) -> None:
    remotes, url = s3
    place = remotes.open(f"{url}/some/folder")
    place.write("a b%20c.txt", [b"one", b"two"])
    place.write("deep/empty", [])
    assert set(place.list()) == {RemoteFile("a b%20c.txt", 6), RemoteFile("deep/empty", 0)}
    assert b"".join(place.read("a b%20c.txt")) == b"onetwo"
    assert b"".join(remotes.open(f"{url}/some/folder/a b%20c.txt").read()) == b"onetwo"
    assert b"".join(place.read("deep/empty")) == b""


def test_a_folder_s_name_is_not_a_prefix_of_names(s3: S3) -> None:
    remotes, url = s3
    remotes.open(url).write("data/x", [b""])
    remotes.open(url).write("database", [b""])
    assert [file.name for file in remotes.open(f"{url}/data").list()] == ["x"]
    assert {file.name for file in remotes.open(url).list()} == {"data/x", "database"}


def test_markers_that_stand_for_folders_are_no_files(s3: S3, s3_address: str) -> None:
    remotes, url = s3
    bucket = url.removeprefix("s3://")
    marker = urllib.request.Request(f"{s3_address}/{bucket}/made/in/console/", method="PUT")
    urllib.request.urlopen(marker).close()
    remotes.open(url).write("made/empty", [])
    assert [file.name for file in remotes.open(f"{url}/made").list()] == ["empty"]


def test_large_files_go_in_parts(s3: S3) -> None:
    remotes, url = s3
    place = remotes.open(url)
    place.write("large", (bytes([number]) * (1 << 20) for number in range(20)))
    assert b"".join(place.read("large")) == b"".join(bytes([number]) * (1 << 20) for number in range(20))


@pytest.mark.parametrize("size", [1, 9 << 20])
def test_a_source_that_breaks_off_writes_nothing(s3: S3, size: int) -> None:
    def pieces() -> Iterator[bytes]:
        yield bytes(size)
        yield bytes(size)
        raise NotFound("the source is gone")

    remotes, url = s3
    with pytest.raises(NotFound, match="the source is gone"):
        remotes.open(url).write("part", pieces())
    assert list(remotes.open(url).list()) == []


def test_missing_objects_and_buckets_are_not_found(s3: S3) -> None:
    remotes, url = s3
    with pytest.raises(NotFound, match=f"{url}/nothing does not exist"):
        list(remotes.open(f"{url}/nothing").read())
    absent = remotes.open("s3://no-such-bucket/x")
    for ask in (absent.list, absent.read):
        with pytest.raises(NotFound, match="s3://no-such-bucket/x: there is no such bucket"):
            list(ask())
    with pytest.raises(NotFound, match="there is no such bucket"):
        absent.write("y", [b"z"])


def test_a_bucket_alone_is_no_object(s3: S3) -> None:
    remotes, url = s3
    with pytest.raises(InvalidArgument, match="names a bucket and no object"):
        list(remotes.open(url).read())


def test_an_address_where_nobody_answers_says_so() -> None:
    settings = {
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    with pytest.raises(Unreachable, match=r"cannot reach s3://bucket/x: .*127.0.0.1:9"):
        list(Remotes(settings).open("s3://bucket/x").read())


def test_azure_without_an_account_names_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(Denied, match="no credentials") as caught:
        Remotes().open("az://container/x")
    assert "AZURE_STORAGE_ACCOUNT_NAME" in caught.value.hint


def test_every_setting_is_known_to_the_library() -> None:
    values = dict.fromkeys((*_SETTINGS["s3"], *_SETTINGS["az"]), "true")
    account = {"AZURE_STORAGE_ACCOUNT_KEY": "a2V5", "AZURE_STORAGE_ENDPOINT": "http://127.0.0.1:9"}
    open_bucket("s3://bucket/x", values)
    open_bucket("az://bucket/x", {**values, **account, "AZURE_STORAGE_SAS_KEY": "a=b"})


@pytest.mark.parametrize("url", ["s3://id:se/cret@b/x", "s3://secret@b/x", "az://b/x?sig=secret"])
def test_a_password_in_a_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidArgument, match="would be stored and shown") as caught:
        open_bucket(url, {})
    assert "secret" not in caught.value.message.replace("would be stored", "")
    assert "se/cret" not in caught.value.message


@pytest.mark.parametrize("url", ["s3://", "s3:///x", "s3://b?endpoint=http://evil/x", "s3://a b/x"])
def test_what_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(InvalidArgument, match="is no name of a bucket"):
        Remotes().open(url)


@pytest.mark.parametrize("url", ["ftp://host/x", "plain", "minio://h/b", "relative/path", ""])
def test_other_kinds_of_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidArgument, match="unknown kind of URL"):
        Remotes().open(url)
