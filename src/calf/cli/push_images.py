"""The options that push images to a registry: there is none here, and they say what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click


def push_images_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--push-images`, `--registry` and `--username`, which only say what to do instead."""

    @click.option(
        "-p", "--push-images", "wanted", is_flag=True, help="Not here: build with `calf image build`."
    )
    @click.option("-r", "--registry", metavar="URL", help="Not here: the registry to push to.")
    @click.option("-u", "--username", metavar="NAME", help="Not here: who pushes.")
    @wraps(function)
    def checked(*args: Any, wanted: bool, registry: str | None, username: str | None, **kwargs: Any) -> Any:
        if wanted or registry or username:
            raise click.UsageError(
                "--push-images is for a cluster with a container registry. Here, build the image with "
                "`calf image build FOLDER -t NAME` and name it in transform.image; "
                "for a cluster, push it with docker or podman first"
            )
        return function(*args, **kwargs)

    return checked
