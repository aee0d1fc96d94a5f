"""What can be done from the pages: start, stop, rerun, restart, run on the past, replay."""

from __future__ import annotations

from functools import partial

from starlette.routing import BaseRoute, Route

from calf.web.actions import deeds, replay_deeds
from calf.web.actions.posting import post
from calf.web.actions.replay_pages import picture, show_replay, show_replays
from calf.web.actions.replays import Replays
from calf.web.pages import page

_PIPELINE = "/p/{project}/pipelines/{pipeline}"
_JOB = f"{_PIPELINE}/jobs/{{job}}"
_REPLAYS = "/p/{project}/replays"


def routes(replays: Replays) -> list[BaseRoute]:
    """Where deeds are posted, and the pages of the replays of this application."""
    return [
        post(f"{_PIPELINE}/start", deeds.start),
        post(f"{_PIPELINE}/stop", deeds.stop),
        post(f"{_PIPELINE}/rerun", deeds.rerun),
        post(f"{_PIPELINE}/run", deeds.run),
        post(f"{_JOB}/stop", deeds.stop_job),
        post(f"{_JOB}/restart", deeds.restart_datum),
        post("/p/{project}/jobs/{set}/stop", deeds.stop_set),
        post(f"{_JOB}/replay", partial(replay_deeds.replay_job, replays)),
        post("/p/{project}/jobs/{set}/replay", partial(replay_deeds.replay_set, replays)),
        post(f"{_REPLAYS}/{{replay}}/stop", partial(replay_deeds.stop_replay, replays)),
        *page(_REPLAYS, partial(show_replays, replays)),
        *page(f"{_REPLAYS}/{{replay}}", partial(show_replay, replays)),
        Route(f"{_REPLAYS}/{{replay}}/pictures/{{number:int}}", partial(picture, replays), methods=["GET"]),
    ]
