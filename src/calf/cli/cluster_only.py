"""Commands that need a cluster: they say what they are for there, and what to do here."""

from __future__ import annotations

import click

from calf.cli.passing import hinting
from calf.cli.session import Session
from calf.kit import exit_codes
from calf.model.errors import Unimplemented
from calf.wire.messages import admin, debug, google

_ANY = {"ignore_unknown_options": True, "allow_extra_args": True}


@click.command("port-forward", context_settings=_ANY)
@click.pass_obj
def port_forward(session: Session) -> None:
    """Say where the server is: on a cluster this would lead ports of this machine to it."""
    client = session.client
    click.echo(f"Nothing to forward: the server answers at {client.target}.", err=True)
    click.echo("For one on Kubernetes: `kubectl port-forward service/pachd 30650:30650`.", err=True)


@click.command("mount", context_settings=_ANY)
@click.argument("directory", required=False)
@click.option("-r", "--repos", multiple=True, metavar="REPO@BRANCH[+w]", help="What to mount; repeatable.")
@click.option("-w", "--write", is_flag=True, expose_value=False, help="Bring changes back at the end.")
def mount(directory: str | None, repos: tuple[str, ...]) -> None:
    """Say how to get files: a file system that shows repos needs FUSE, which calf does without."""
    where = directory or "DIR"
    source = repos[0].removesuffix("+w") if repos else "REPO@BRANCH"
    raise Unimplemented(
        "this pachctl mounts no file systems",
        f"`pachctl get file -r {source}:/ -o {where}` makes a folder, "
        f"`pachctl put file -r {source}:/ -f {where}` brings it back",
    )


@click.command("unmount", context_settings=_ANY)
@click.option("-a", "--all", is_flag=True, expose_value=False, help="End all mounts.")
def unmount() -> None:
    """Nothing to do: this pachctl mounts no file systems."""
    click.echo("This pachctl mounts nothing; `fusermount -u DIR` ends what another one mounted.", err=True)


@click.command("cluster")
@click.option("--reason", default="", help="Why, for the log.")
@click.pass_obj
def restart_cluster(session: Session, reason: str) -> None:
    """Restart Pachyderm's pods."""
    with hinting("`calf down && calf up` restarts calf; what runs goes on afterwards"):
        session.client.admin.RestartPachyderm(admin.RestartPachydermRequest(reason=reason))


@click.command("pfs-load-test")
@click.argument("specs", nargs=-1, metavar="[FILE]...")
@click.option("-b", "--branch", help="Taken for scripts.", expose_value=False)
@click.option("-s", "--seed", default=0, help="The seed of the random load.")
@click.pass_obj
def pfs_load_test(session: Session, specs: tuple[str, ...], seed: int) -> int:
    """Put load on the file system of a cluster, as its developers do."""
    with hinting("calf's own figures come from its benchmarks/ folder: `make bench`"):
        service = session.client.debug
        if not specs:
            answers = [service.RunPFSLoadTestDefault(google.Empty())]
        else:
            texts = [click.open_file(spec).read() for spec in specs]
            answers = [
                service.RunPFSLoadTest(debug.RunPfsLoadTestRequest(spec=text, seed=seed)) for text in texts
            ]
    for answer in answers:
        click.echo(f"seed {answer.seed}, {answer.duration.seconds}s: {answer.error or 'ok'}")
    return exit_codes.FAILURE if any(answer.error for answer in answers) else exit_codes.OK


@click.command("pps-load-test")
@click.argument("specs", nargs=-1, metavar="[FILE]...")
@click.pass_obj
def pps_load_test(session: Session, specs: tuple[str, ...]) -> None:
    """Put load on the pipelines of a cluster, as its developers do."""
    with hinting("calf's own figures come from its benchmarks/ folder: `make bench`"):
        if specs:
            raise Unimplemented("this pachctl runs the default load only")
        click.echo(session.client.pps.RunLoadTestDefault(google.Empty()).error or "ok")


@click.command("exit")
def exit_() -> None:
    """Leave `pachctl shell`; elsewhere there is nothing to leave."""
