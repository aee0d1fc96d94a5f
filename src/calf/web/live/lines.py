"""`/events/logs`: what a pipeline, a job or a datum prints, line by line, for as long as it goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from calf.client.connection import Client
from calf.model.errors import CalfError, InvalidArgument
from calf.web.live.events import ALIVE, KEEP_ALIVE, RETRY, event, full, stream
from calf.web.pages import error_data, token_of
from calf.wire.messages import Message, google, pfs, pps

MOST = 32
"""Logs that are followed at once: each holds a thread here and one in the server."""
GATHER = 0.1
_ROOM = 1 << 20
"""Characters, about, of lines that wait for a browser that is slow; so large is an event at most."""
_FRAME = 200
"""Of these, what a line has beside its message."""
_DAY = 86400.0


async def tell_lines(request: Request) -> Response:
    """`event: lines`, with a list of lines; `event: end` when nothing more will come, with the error if any.

    Of `?project=…&pipeline=…`, and of `job=` and `datum=` where they are given; from a time on, `after=`
    (RFC 3339), by default of the last day; with `find=`, only lines that have these words, in any case.
    A line is `{"ts", "job", "datum", "user", "message"}`.
    """
    followers: set[Follower] = request.app.state.followers
    if len(followers) >= MOST:
        return full()
    query = request.query_params
    wanted, after = _request(query)
    client = request.app.state.upstream.patient(token_of(request))
    return stream(request, _lines(followers, Follower(client, wanted, after, query.get("find", ""))))


async def _lines(followers: set[Follower], follower: Follower) -> AsyncIterator[str]:
    followers.add(follower)
    follower.start()
    try:
        yield RETRY
        while True:
            lines, is_over = await follower.more(KEEP_ALIVE)
            if lines or not is_over:
                yield event("lines", lines) if lines else ALIVE
            if is_over:
                yield event("end", follower.error)
                return
            await asyncio.sleep(GATHER)
    finally:
        followers.discard(follower)
        follower.end()


class Follower:
    """A thread that reads lines, and those that nobody has taken yet; ended by the event loop's thread."""

    def __init__(self, client: Client, wanted: Message, after: str, find: str) -> None:
        self.error: dict[str, Any] = {}
        self._client, self._wanted, self._after, self._find = client, wanted, after, find.casefold()
        self._changed = threading.Condition()
        self._lines: list[dict[str, Any]] = []
        self._size = 0
        self._is_over = False
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._bell = asyncio.Event()

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="follow", daemon=True).start()

    def end(self) -> None:
        """Stop reading, from whatever thread; nothing more is given."""
        with self._changed:
            self._ended = self._is_over = True
            self._changed.notify_all()
        self._client.close()
        self._bell.set()

    async def more(self, seconds: float) -> tuple[list[dict[str, Any]], bool]:
        """New lines, waited for, none when none came; and whether there will be no more."""
        try:
            await asyncio.wait_for(self._bell.wait(), seconds)
        except TimeoutError:
            return [], False
        self._bell.clear()
        with self._changed:
            lines, self._lines, self._size = self._lines, [], 0
            self._changed.notify_all()
            return lines, self._is_over

    def _run(self) -> None:
        try:
            messages = self._client.pps.GetLogs(self._wanted)
            if self._ended:  # by who found no connection yet to be closed
                self._client.close()
            for message in messages:
                line = _line(message)
                if line["ts"] > self._after and self._find in line["message"].casefold():
                    self._put(line)
                if self._ended:
                    return
        except CalfError as error:
            self.error = {} if self._ended else error_data(error)
        finally:
            with self._changed:
                self._is_over = True
            self._ring()

    def _put(self, line: dict[str, Any]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._size < _ROOM or self._ended)
            self._lines.append(line)
            self._size += len(line["message"]) + _FRAME
            is_first = len(self._lines) == 1
        if is_first:
            self._ring()

    def _ring(self) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._bell.set)


def _request(query: QueryParams) -> tuple[Message, str]:
    """What to ask the server for, and the time after which lines are wanted. Raises `InvalidArgument`."""
    name = query.get("pipeline", "")
    if not name:
        raise InvalidArgument(
            "these events need ?pipeline=", "name the pipeline whose logs are to be followed"
        )
    pipeline = pps.Pipeline(project=pfs.Project(name=query.get("project", "default")), name=name)
    after = _moment(query.get("after", ""))
    age = max(0.0, time.time() - after.timestamp())
    request = pps.GetLogsRequest(follow=True, since=google.Duration(seconds=int(age) + 1))
    if query.get("job"):
        job = pps.Job(pipeline=pipeline, id=query["job"])
        request.job.CopyFrom(job)
        if query.get("datum"):
            request.datum.CopyFrom(pps.Datum(job=job, id=query["datum"]))
    else:
        request.pipeline.CopyFrom(pipeline)
    return request, _text(after)


def _moment(after: str) -> datetime:
    if not after:
        return datetime.fromtimestamp(time.time() - _DAY, UTC)
    try:
        moment = datetime.fromisoformat(after)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidArgument(f"?after={after[:40]} is no time of RFC 3339", "") from None


def _line(message: Message) -> dict[str, Any]:
    return {
        "ts": _stamp(message.ts),
        "job": message.job_id,
        "datum": message.datum_id,
        "user": message.user,
        "message": message.message.rstrip("\n"),
    }


def _stamp(ts: Message) -> str:
    return _text(datetime.fromtimestamp(int(ts.seconds), UTC).replace(microsecond=ts.nanos // 1000))


def _text(moment: datetime) -> str:
    """To the microsecond, so that texts sort as times do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
