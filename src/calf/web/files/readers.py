"""Where the pipelines look that read a repo: what lies elsewhere starts their jobs, and none reads it."""

from __future__ import annotations

from collections import defaultdict

from calf.client.connection import Client
from calf.views.drawing.read_dag import leaves
from calf.web.lineage.behind import literal
from calf.wire.messages import Message, pps


def looked_at(client: Client, repo: Message) -> dict[str, list[str]]:
    """By branch, the folders and files that pipelines of any project may read; `/` is all of it.

    Of a glob with wildcards it is the folder that all matches lie in, so a file there may still match none.
    """
    found: dict[str, dict[str, None]] = defaultdict(dict)
    wanted = (repo.project.name, repo.name, repo.type)
    for info in client.pps.ListPipeline(pps.ListPipelineRequest(details=True)):
        for leaf in (each.pfs for each in leaves(info.details.input) if each.HasField("pfs")):
            if (leaf.project or info.pipeline.project.name, leaf.repo, leaf.repo_type or "user") == wanted:
                found[leaf.branch or "master"][literal(leaf.glob)[0]] = None
    return {branch: sorted(paths) for branch, paths in found.items()}
