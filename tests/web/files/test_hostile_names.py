"""Names that people who mean no good give to files: each can be listed, opened, saved and compared."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from calf.kit.paths import check_put_path
from calf.model.errors import InvalidArgument
from calf.web.files.folder import file_data
from calf.web.files.kinds import kind_of, suffix_of
from calf.web.files.masks import masks_of, photos_of
from calf.wire.messages import pfs
from tests.security.paths import HOSTILE, SOME
from tests.web.files.conftest import REPO, Put


def _can_be_put(path: str) -> bool:
    try:
        check_put_path(path)
    except InvalidArgument:
        return False
    return True


_OTHERS = (
    *("/<script>alert<", "/\"'><img src=x onerror=alert>", "/a&amp;b", "/%2e%2e%2f", "/%00", "/a;b#d"),
    *("/javascript:x", "/constructor", "/__proto__", "/a b\\c", "/<<7>>", "/-rf", "/x.json", "/x.png"),
)
PUT = sorted({check_put_path(path) for path in (*SOME, *_OTHERS) if _can_be_put(path)})


@pytest.fixture(scope="module")
def commits(put: Put) -> tuple[str, str]:
    """Two commits in which every file is another one."""
    leaves = _without_folders(PUT)
    return put(dict.fromkeys(leaves, b"1"), "n"), put(dict.fromkeys(leaves, b"2"), "n")


def _without_folders(paths: list[str]) -> list[str]:
    return [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]


def test_every_name_is_listed_opened_saved_and_compared(web: TestClient, commits: tuple[str, str]) -> None:
    old, new = commits
    changes: list[str] = []
    after = ""
    while True:
        data = web.get(f"{REPO}/diff.json", params={"old": old, "new": new, "after": after}).json()
        changes += [each["path"] for each in data["changes"]]
        if not (after := data["more"]):
            break
    assert sorted(changes) == sorted(_without_folders(PUT))
    for path in changes:
        asked = {"commit": new, "path": path}
        page = web.get(f"{REPO}/files", params=asked)
        assert page.status_code == 200, path
        assert html.escape(path) in page.text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
        assert f"path={quote(path, safe='')}" in page.text.replace("&amp;", "&")
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert web.get(f"{REPO}/raw", params=asked).content == b"2"
        assert web.get(f"{REPO}/diff.json", params={"old": old, "new": new, "path": path}).status_code == 200


def test_a_name_that_no_file_has_is_never_an_error_of_ours(web: TestClient, commits: tuple[str, str]) -> None:
    refused = [path for path in HOSTILE[::4] if not _can_be_put(path) and "\udcff" not in path]
    for at, path in enumerate(refused):
        place = ("files", "raw", "history")[at % 3]
        found = web.get(f"{REPO}/{place}", params={"commit": commits[1], "path": path})
        assert found.status_code in (200, 400, 404), (place, path)
        assert "Traceback" not in found.text


def test_names_that_our_server_refuses_are_spelled_out() -> None:
    for name in ("a\nb", "\u202egnp.exe", "\x1b[31m", "\u2066x", "a\tb", "\ufeff"):
        info = pfs.FileInfo(file=pfs.File(path=f"/{name}"), file_type=pfs.FILE)
        assert file_data(info)["name"].isprintable()
        assert file_data(info)["shown"].isprintable()
    for path in (*HOSTILE, "." * 9999):
        assert isinstance(kind_of(path), str)
        assert isinstance(suffix_of(path), str)
        assert all(isinstance(each, str) for each in (*masks_of(path), *photos_of(path)))
