"""Evaluation reports, metrics, releases, and runs compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from calf.web.pages import page
from calf.web.reports.comparing import show_comparison
from calf.web.reports.listing import show_reports, show_strip
from calf.web.reports.metrics import show_metrics
from calf.web.reports.opening import show_report
from calf.web.reports.releases import show_release, show_releases

if TYPE_CHECKING:
    from calf.web.actions.replays import Replays


def routes(replays: Replays) -> list[BaseRoute]:
    """`/p/{project}/reports`, `/summary`, `/metrics`, `/compare`, `/releases`.

    What `replays` came to stands beside the decisions.
    """
    return [
        *page("/p/{project}/reports", partial(show_reports, replays)),
        *page("/p/{project}/summary", partial(show_strip, replays)),
        *page("/p/{project}/reports/{repo}", partial(show_report, replays)),
        *page("/p/{project}/metrics", show_metrics),
        *page("/p/{project}/compare", show_comparison),
        *page("/p/{project}/releases", partial(show_releases, replays)),
        *page("/p/{project}/releases/{repo}", partial(show_release, replays)),
    ]
