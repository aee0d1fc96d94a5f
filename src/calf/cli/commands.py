"""The table of commands: verb and noun, and the module that defines each. Its order is that of the help."""

from __future__ import annotations

VERBS: dict[str, tuple[str, dict[str, str]]] = {
    "check": ("Show what is wrong.", {"status": "check_status"}),
    "convert": ("Convert specs of Pachyderm 1.x.", {"pipeline": "convert_pipeline"}),
    "copy": ("Copy files, by reference.", {"file": "copy_file"}),
    "create": (
        "Create projects, repos, branches and pipelines.",
        {
            "project": "create_project",
            "repo": "create_repo",
            "branch": "create_branch",
            "pipeline": "create_pipeline",
            "defaults": "create_defaults",
            "secret": "create_secret",
            "snapshot": "snapshots:create",
        },
    ),
    "delete": (
        "Delete things.",
        {
            "project": "delete_project",
            "repo": "delete_repo",
            "branch": "delete_branch",
            "file": "delete_file",
            "pipeline": "delete_pipeline",
            "commit": "delete_commit",
            "commitV2": "delete_commit_v2",
            "job": "delete_job",
            "defaults": "delete_defaults",
            "secret": "delete_secret",
            "snapshot": "snapshots:delete",
            "all": "delete_all",
            "transaction": "delete_transaction",
        },
    ),
    "debug": (
        "Collect what explains a mistake.",
        {
            "datum": "debug_datum",
            "dump": "debug:dump",
            "template": "debug:template",
            "profile": "debug:profile",
            "binary": "debug:binary",
            "log-level": "debug:log_level",
            "trace": "debug:trace",
            "local": "debug:local",
            "analyze": "debug:analyze",
        },
    ),
    "diff": ("Compare files of two commits.", {"file": "diff_file"}),
    "draw": ("Draw the DAG of a project.", {"pipeline": "draw_pipeline"}),
    "edit": (
        "Edit a pipeline's spec, or metadata.",
        {"pipeline": "edit_pipeline", "metadata": "edit_metadata"},
    ),
    "find": ("Find the commits that touched a file.", {"commit": "find_commit"}),
    "finish": (
        "Finish a commit or a transaction.",
        {"commit": "finish_commit", "transaction": "finish_transaction"},
    ),
    "get": ("Get files.", {"file": "get_file"}),
    "glob": ("List the files that match a pattern.", {"file": "glob_file"}),
    "inspect": (
        "Show one thing in full.",
        {
            "project": "inspect_project",
            "repo": "inspect_repo",
            "branch": "inspect_branch",
            "commit": "inspect_commit",
            "file": "inspect_file",
            "pipeline": "inspect_pipeline",
            "job": "inspect_job",
            "statement": "inspect_statement",
            "datum": "inspect_datum",
            "defaults": "inspect_defaults",
            "secret": "inspect_secret",
            "snapshot": "snapshots:inspect",
            "cluster": "inspect_cluster",
            "transaction": "inspect_transaction",
        },
    ),
    "list": (
        "List things.",
        {
            "project": "list_project",
            "repo": "list_repo",
            "branch": "list_branch",
            "commit": "list_commit",
            "file": "list_file",
            "pipeline": "list_pipeline",
            "job": "list_job",
            "datum": "list_datum",
            "secret": "list_secret",
            "snapshot": "snapshots:list_",
            "task": "list_task",
            "transaction": "list_transaction",
        },
    ),
    "next": ("Go on to the next datum, inside a stage.", {"datum": "next_datum"}),
    "put": ("Put files.", {"file": "put_file"}),
    "rerun": ("Run a pipeline again.", {"pipeline": "rerun_pipeline"}),
    "restart": (
        "Restart a running datum, or a cluster.",
        {"datum": "restart_datum", "cluster": "cluster_only:restart_cluster"},
    ),
    "resume": ("Go on with an open transaction.", {"transaction": "resume_transaction"}),
    "run": (
        "Run something now.",
        {
            "pipeline": "run_pipeline",
            "cron": "run_cron",
            "pfs-load-test": "cluster_only:pfs_load_test",
            "pps-load-test": "cluster_only:pps_load_test",
        },
    ),
    "squash": (
        "Remove commits and keep their data.",
        {"commit": "squash_commit", "commitV2": "squash_commit_v2"},
    ),
    "start": (
        "Start a commit, a transaction or a stopped pipeline.",
        {"commit": "start_commit", "pipeline": "start_pipeline", "transaction": "start_transaction"},
    ),
    "stop": (
        "Stop a pipeline or a job, or leave a transaction.",
        {"pipeline": "stop_pipeline", "job": "stop_job", "transaction": "stop_transaction"},
    ),
    "subscribe": ("Show commits as they arrive.", {"commit": "subscribe_commit"}),
    "update": (
        "Update descriptions, pipelines and defaults.",
        {
            "project": "update_project",
            "repo": "update_repo",
            "pipeline": "update_pipeline",
            "defaults": "update_defaults",
        },
    ),
    "validate": ("Check a pipeline spec without a server.", {"pipeline": "validate_pipeline"}),
    "wait": ("Wait for a commit or a job to finish.", {"commit": "wait_commit", "job": "wait_job"}),
}
"""Verbs: their help, and their nouns with the modules."""

SINGLES: dict[str, tuple[str, str]] = {
    "attest": ("Write the proof of what an output holds and was made from.", "attest"),
    "auth": ("Log in, and ask about users and roles.", "auth"),
    "buildinfo": ("Show what this pachctl is made of.", "version:buildinfo"),
    "completion": ("Make a shell complete commands and names.", "completion"),
    "config": ("Read and change the clients' configuration.", "config"),
    "connect": ("Choose the server.", "connect"),
    "enterprise": ("Ask about Pachyderm's enterprise features.", "enterprise"),
    "exit": ("Leave `pachctl shell`.", "cluster_only:exit_"),
    "export": ("Write a commit as an archive, for another server.", "export_commit"),
    "fsck": ("Check that everything stored is whole.", "fsck"),
    "idp": ("Ask Pachyderm's identity server.", "idp"),
    "import": ("Take a commit out of an archive.", "import_commit"),
    "kube-events": ("Show what Kubernetes did.", "cluster_logs:kube_events"),
    "license": ("Ask Pachyderm's licence server.", "licence"),
    "plan": ("Say what a job would do, before it runs.", "plan"),
    "logs": ("Show the logs of pipelines, jobs and datums.", "logs"),
    "loki": ("Search a cluster's log store.", "cluster_logs:loki"),
    "mount": ("Say how to get files without a file system.", "cluster_only:mount"),
    "port-forward": ("Say where the server is.", "cluster_only:port_forward"),
    "replay": ("Run a job of the past again, and compare what it makes.", "replay"),
    "shell": ("Take one command after another.", "shell"),
    "unmount": ("End a mount.", "cluster_only:unmount"),
    "verify": ("Check that a commit is what was signed, to every byte.", "verify"),
    "why": ("Say what made a file.", "why"),
    "version": ("Show the versions of client and server.", "version"),
}
"""Commands without a noun: their help and module."""

FOR_CLUSTERS = frozenset(
    ("auth", "enterprise", "idp", "kube-events", "license", "loki", "mount", "port-forward", "unmount")
)
"""Those that say little or nothing without a cluster."""

ALIASES = {"ls": "list", "rm": "delete"}
"""Other words for verbs."""

NOUN_ALIASES = {"commitset": "commit", "commit-set": "commit", "jobset": "job", "job-set": "job"}
"""Other words for nouns, from earlier versions of Pachyderm."""

RETIRED = {
    "deploy": "calf is not deployed: `calf up` starts it",
    "undeploy": "`calf down` stops calf",
    "extract": "everything: `calf backup FOLDER`; one commit: `pachctl export REPO@BRANCH --to FILE.tar`",
    "restore": "everything: `calf restore BACKUP --home NEW`; one commit: `pachctl import FILE.tar"
    " REPO@BRANCH`",
    "flush": "it is `pachctl wait commit ID` and `pachctl wait job ID` now",
    "garbage-collect": "`calf gc` gives back the space of what no commit needs",
    "git": "commit what you get from git: `pachctl put file -r REPO@BRANCH:/ -f DIR`",
}
"""Verbs that Pachyderm had once, and what to do instead."""
