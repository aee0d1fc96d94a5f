"""Containers that stay for all datums of a worker, and what brings processes into them.

Starting a container takes hundreds of milliseconds, and so does an engine's `exec`. Here a program of ours
(`inside/keep.py`) is the first process of the container, and is sent what to run. It ends with the socket
to it, so with this process.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fcntl import F_DUPFD_CLOEXEC, fcntl
from functools import partial
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.containers.namespaces import shut_in
from calf.runner.containers.tool import Tool
from calf.runner.described import describe
from calf.runner.plan import Inside, Launch, script
from calf.runner.process import KILL_GRACE, LIFELINE

DOOR = "door"
_ANSWERS_WITHIN = 20.0
_BEGINS_WITHIN = 600.0
"""Where the kernel cannot show an image's files as another user's, podman copies them all, once."""
_READY, _LONGEST_WORD = b"ready", 1 << 16
_KIND = socket.SOCK_SEQPACKET


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to begin: the `words` of `run` after those that are the same for all. The folder `line` is shown
    in it, where `keep.py` finds the socket `door`. With `on_image` its root is an image's, not ours.
    """

    tool: Tool
    words: tuple[str, ...]
    line: Path
    on_image: bool = False


@dataclass(eq=False, slots=True)
class Container:
    """One that stands; `control` leads to its first process."""

    tool: Tool
    name: str
    control: socket.socket | None = None

    def send(self, files: list[int]) -> bool:
        """Have what they describe run; False when it has ended, by itself or because of somebody."""
        if self.control is None:
            return False
        try:
            socket.send_fds(self.control, [b"."], files)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def close(self) -> None:
        """End it, and whoever is in it."""
        control, self.control = self.control, None
        if control is not None:
            control.close()
        with suppress(Precondition):  # it has gone by itself meanwhile
            self.tool.ask("rm", "--force", self.name)


class Kept:
    """A worker's containers: one, in which a process tree after the other runs.

    What is to run beside another (`err_cmd` while a batch waits) gets one of its own, since in one container
    the one could reach the other. One that has ended is replaced.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._idle: list[Container] = []
        self._busy: list[Container] = []

    def begin(self) -> None:
        """Have one stand. Raises `Precondition`."""
        self._idle.append(self._begin())

    def launch(self, inside: Inside) -> Launch:
        """See `plan.Launcher`. Raises `OSError`, and `Precondition` when another container is needed and
        cannot be had.
        """
        with ExitStack() as undo:
            described = os.memfd_create("described")
            undo.callback(os.close, described)
            os.write(described, json.dumps(describe(inside)).encode())
            os.lseek(described, 0, os.SEEK_SET)
            doors = [os.open(door, os.O_WRONLY | os.O_CLOEXEC) for door in inside.doors]
            for door in doors:
                undo.callback(os.close, door)
            ours, theirs = socket.socketpair(socket.AF_UNIX, _KIND)
            with theirs, ExitStack() as failed:
                failed.callback(ours.close)
                handed = fcntl(ours, F_DUPFD_CLOEXEC, LIFELINE + 1)
                failed.callback(os.close, handed)
                container = self._send([theirs.fileno(), described, *doors])
                failed.pop_all()
        finish = partial(self._finish, container, ours)
        return Launch((*script("hand.py"), str(handed)), (handed,), finish, enters=True)

    def close(self) -> None:
        """End them."""
        while self._idle or self._busy:
            (self._idle or self._busy).pop().close()

    def _send(self, files: list[int]) -> Container:
        while self._idle:
            container = self._idle.pop()
            if container.send(files):
                break
            container.close()  # what was left in it would have reached the next, or somebody has ended it
        else:
            container = self._begin()
            if not container.send(files):
                container.close()
                raise Precondition(f"{container.tool.name}: a container ended as soon as it had begun")
        self._busy.append(container)
        return container

    def _finish(self, container: Container, channel: socket.socket) -> None:
        """Have the tree ended, if some of it is left, and wait; if that takes too long, end the container."""
        with channel:
            with suppress(OSError):
                channel.shutdown(socket.SHUT_WR)
            channel.settimeout(KILL_GRACE)
            try:
                while channel.recv(1):
                    continue
            except TimeoutError:
                container.close()
            except ConnectionResetError:  # it has ended
                pass
        if container in self._busy:
            self._busy.remove(container)
            self._idle.append(container)

    def _begin(self) -> Container:
        recipe = self._recipe
        container = Container(recipe.tool, f"calf-{os.getpid()}-{uuid.uuid4().hex[:12]}")
        with ExitStack() as undo:
            undo.callback(container.close)
            try:
                with socket.socket(socket.AF_UNIX, _KIND) as server:
                    container.control = _connected(server, container, recipe)
            except TimeoutError:
                name = recipe.tool.name
                raise Precondition(f"{name}: nobody answers from inside a container") from None
            undo.pop_all()
        return container


def _connected(server: socket.socket, container: Container, recipe: Recipe) -> socket.socket:
    """Start it, have it call, and shut it in. Raises `TimeoutError` where it does not."""
    control = _called(server, container, recipe)
    try:
        control.settimeout(_ANSWERS_WITHIN)
        said = control.recv(_LONGEST_WORD)
        if said != _READY:
            why = said.decode(errors="replace") or "a container ended as soon as it had begun"
            raise Precondition(f"{container.tool.name}: {why}")
        control.settimeout(None)
        shut_in(recipe.line, control, on_image=recipe.on_image)
    except BaseException:
        control.close()
        raise
    return control


def _called(server: socket.socket, container: Container, recipe: Recipe) -> socket.socket:
    """The path of a socket may be 107 bytes long, that of `line` is longer."""
    folder = os.open(recipe.line, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        server.bind(f"/proc/self/fd/{folder}/{DOOR}")
        server.listen(1)
        server.settimeout(_ANSWERS_WITHIN)
        words = ("run", "--detach", "--rm", "--name", container.name, *recipe.words)
        container.tool.ask(*words, within=_BEGINS_WITHIN)
        return server.accept()[0]
    finally:
        os.close(folder)
        (recipe.line / DOOR).unlink(missing_ok=True)
