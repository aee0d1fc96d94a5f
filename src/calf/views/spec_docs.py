"""What each field of a pipeline spec means, a sentence each."""

from __future__ import annotations

_RESOURCES = {
    "cpu": "Processors that a worker may use, also parts of one.",
    "memory": "Memory that a worker may use, such as 512Mi or 12Gi.",
    "disk": "Disk that a worker may use, such as 10Gi.",
    "gpu": "Accelerators: their kind, and how many.",
}
_DOCS = {
    "pipeline": "Name and project; its output repo is called the same.",
    "description": "What it is for, in words.",
    "transform": "What runs for each datum.",
    "transform.image": "The container image that the stage runs in; host is the server's own system.",
    "transform.cmd": "The command, as a list of words; no shell reads it.",
    "transform.stdin": "Lines that the command gets on its standard input.",
    "transform.err_cmd": "Runs if the command failed; if it succeeds, the datum counts as recovered.",
    "transform.err_stdin": "Lines that the command for errors gets on its standard input.",
    "transform.env": "Variables that the stage sees. They are part of a datum's identity.",
    "transform.secrets": "Secrets that the stage sees, as files or variables.",
    "transform.image_pull_secrets": "Secrets by which a cluster may fetch the image.",
    "transform.accept_return_code": "Exit codes beside 0 that count as success.",
    "transform.debug": "Whether a cluster's worker is to say more.",
    "transform.user": "The user that the command runs as.",
    "transform.working_dir": "The folder that the command begins in.",
    "transform.dockerfile": "Where the image was built from; for information.",
    "transform.memory_volume": "Whether /pfs is kept in memory by a cluster.",
    "transform.datum_batching": "Whether the command stays alive and asks for one datum after another.",
    "input": "What it reads: repos by glob, each with each (cross), together (union), by key (join, group).",
    "parallelism_spec": "How many workers there are.",
    "parallelism_spec.constant": "So many workers, each with one datum at a time.",
    "output_branch": "The branch that output is committed to.",
    "reprocess_spec": "until_success skips datums that succeeded before; every_job runs all each time.",
    "salt": "Part of every datum's identity; a new one makes all run again.",
    "datum_tries": "How often a datum is tried before it counts as failed.",
    "datum_timeout": "How long a datum may take before its try is ended.",
    "job_timeout": "How long a whole job may take before it is ended.",
    "datum_set_spec": "How datums are handed to workers in batches.",
    "datum_set_spec.number": "So many datums a batch.",
    "datum_set_spec.size_bytes": "Batches of about so many bytes of input.",
    "datum_set_spec.per_worker": "So many batches for each worker.",
    "autoscaling": "Whether workers go away while there is nothing to do.",
    "s3_out": "Whether output is written through an S3 address.",
    "egress": "Where output is copied to after a success.",
    "service": "A server that runs on its newest input, instead of a batch stage.",
    "service.internal_port": "The port that the server listens at, in its container.",
    "service.external_port": "The port by which it is reached.",
    "service.ip": "The address by which it is reached.",
    "service.type": "How a cluster shows it to others.",
    "spout": "A stage that runs all the time and commits by itself; it has no input.",
    "resource_requests": "What a worker needs before a cluster starts it.",
    "resource_limits": "What a worker may use at most.",
    "sidecar_resource_requests": "What the helper beside a cluster's worker needs.",
    "sidecar_resource_limits": "What the helper beside a cluster's worker may use at most.",
    "scheduling_spec": "On which nodes of a cluster workers may run.",
    "scheduling_spec.node_selector": "Labels that a node must have.",
    "scheduling_spec.priority_class_name": "The priority that a cluster gives its workers.",
    "tolerations": "Which taints of cluster nodes workers put up with.",
    "pod_spec": "More of the pod's description, for a cluster.",
    "pod_patch": "Changes to the pod's description, for a cluster.",
    "metadata": "Annotations and labels.",
    "metadata.annotations": "Notes for programs; calf.dev/tolerance names files that may differ in a replay.",
    "metadata.labels": "Labels that a cluster gives its objects.",
    "determined": "How it works together with Determined.",
    "maximum_expected_uptime": "After so long of running it is told as overdue.",
    "reprocess": "Whether the update that made this version was to run all datums again.",
    "update": "Whether the request was one to update.",
}


def doc_of(path: str) -> str:
    """The sentence about a field (`transform.cmd`); empty for one that nobody wrote about."""
    top, _, part = path.partition(".")
    if top.endswith(("resource_requests", "resource_limits")) and part:
        return _RESOURCES.get(part, "")
    return _DOCS.get(path, "")
