"""Our way to message classes gives what protobuf's own gives."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool

from calf.wire import classes, pool
from calf.wire.pool import load_descriptors, load_pool


def test_the_set_is_taken_apart_into_its_files() -> None:
    whole = load_descriptors()
    files = list(classes.files_of(whole.SerializeToString()))
    assert files == [file.SerializeToString() for file in whole.file]
    with pytest.raises(ValueError, match="files and nothing else"):
        list(classes.files_of(b"\x12\x00"))


def test_every_message_can_be_made_filled_and_read_back() -> None:
    theirs = DescriptorPool()
    for file in load_descriptors().file:
        theirs.AddSerializedFile(file.SerializeToString())
    names = [
        f"{file.package}.{message.name}" for file in load_descriptors().file for message in file.message_type
    ]
    assert len(names) > 300
    for name in names:
        made = classes.class_of(load_pool().FindMessageTypeByName(name))
        assert made is classes.class_of(load_pool().FindMessageTypeByName(name))
        message = made()
        for field in message.DESCRIPTOR.fields:
            if field.message_type is not None and not field.is_repeated:
                getattr(message, field.name).SetInParent()
        other = message_factory.GetMessageClass(theirs.FindMessageTypeByName(name))
        assert made.FromString(message.SerializeToString()) == message
        assert (
            other.FromString(message.SerializeToString()).SerializeToString() == message.SerializeToString()
        )


def test_without_the_library_the_public_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classes, "_message", None)
    pool = classes.new_pool()
    for file in load_descriptors().file:
        pool.AddSerializedFile(file.SerializeToString())
    made = classes.class_of(pool.FindMessageTypeByName("pfs_v2.CommitInfo"))
    assert made(description="x").description == "x"


def test_threads_that_ask_first_get_the_same_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of one pool does not fit into one of another, though they look alike."""
    both = threading.Barrier(2)

    def slow() -> DescriptorPool:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.05)
        return DescriptorPool()

    monkeypatch.setattr(pool, "new_pool", slow)
    monkeypatch.setattr(pool, "_filled", cache(pool._filled.__wrapped__))
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(pool.load_pool), threads.submit(pool.load_pool)
    assert first.result() is second.result()


AT_ONCE = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from calf.wire.classes import class_of
from calf.wire.pool import load_pool

sys.setswitchinterval(1e-6)
pool, start = load_pool(), threading.Barrier(16)
names = "GetFileRequest File ListFileRequest Commit CommitInfo BranchInfo RepoInfo FileInfo".split()

def ask(first):
    start.wait()
    for name in names[first % 8 :] + names[: first % 8]:
        class_of(pool.FindMessageTypeByName(f"pfs_v2.{name}"))
    return [class_of(pool.FindMessageTypeByName(f"pfs_v2.{name}")) for name in names]

with ThreadPoolExecutor(16) as threads:
    mine, *others = threads.map(ask, range(16))
assert all(each is one for other in others for each, one in zip(other, mine))
"""


def test_threads_that_ask_at_once_get_the_same_classes() -> None:
    """In a process where nobody has asked before: others have done so in this one."""
    subprocess.run([sys.executable, "-c", AT_ONCE], check=True, timeout=60)
