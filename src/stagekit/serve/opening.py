"""From a choice to a site: the bundle is checked, loaded, and asked once before anybody else asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagekit import canonical
from stagekit.determinism import Profile, seed_everything
from stagekit.errors import StageError
from stagekit.model.bundle import TRAINING, read_record, read_signature
from stagekit.release.bundle import CARD, MADE_HERE, PROOF
from stagekit.release.model import Model
from stagekit.release.proof import UnreadableProofError, read_proof
from stagekit.release.serving import METRICS, RESULTS
from stagekit.serve.choose import Choice, check
from stagekit.serve.page import About, first_lines, page
from stagekit.serve.site import Served, Site

if TYPE_CHECKING:
    from stagekit.evaluate.subject import Subject

_SEED = 0
"""Nothing is drawn when a model answers; the call is for the threads and for op determinism."""


def open_site(choice: Choice, name: str, keys: tuple[str, ...], commits: Mapping[str, str]) -> Site:
    """Make the site of a choice; `commits` says from which commit each input is.

    Raises `StageError` when the bundle is not as it was released. TensorFlow is loaded here, if it is needed.
    """
    facts = {f"commit of {repo}": commit for repo, commit in commits.items() if commit}
    if choice.bundle is None:
        headline = "No model is served: the newest release was refused"
        return Site(page(About(headline, facts, choice.reasons)), None, choice.reasons)
    check(choice.bundle, keys)
    served = _load(choice.bundle, name)
    card = first_lines((choice.bundle / CARD).read_text(encoding="utf-8"))
    facts |= _facts(choice.bundle, served)
    about = About(_headline(choice, name), facts, choice.reasons, card, name)
    return Site(page(about), served)


def _headline(choice: Choice, name: str) -> str:
    if choice.refused:
        return f"{name}: the newest release was refused; this is the one that the repo serving holds"
    return f"{name}: a released model"


def _facts(bundle: Path, served: Served) -> dict[str, str]:
    facts = {"model": served.version, "classes": ", ".join(served.classes), "side": f"{served.side} pixels"}
    try:
        return facts | {"evaluated as": read_proof(bundle / PROOF).commit}
    except UnreadableProofError:
        return facts | {"evaluated as": "nobody has proved it"}


def _load(bundle: Path, name: str) -> Served:
    architecture = read_signature(bundle).architecture
    seed_everything(_SEED, tensorflow=True, profile=_profile(bundle))
    side = architecture.input_size
    return Served(name, _version(bundle), side, architecture.classes, _loaded(bundle, side))


def _version(bundle: Path) -> str:
    """Give the model's id: that of the folder that evaluate carried on, which release added files to."""
    added = (*MADE_HERE, METRICS, RESULTS)
    digests = {name: digest for name, digest in canonical.tree_digests(bundle).items() if name not in added}
    return Model(bundle, digests).id


def _profile(bundle: Path) -> Profile:
    """Give the profile of determinism that the model was trained in; records from before it say nothing."""
    parameters = read_record(bundle / TRAINING).get("parameters", {})
    named = parameters.get("determinism", "default") if isinstance(parameters, dict) else ""
    if named not in ("default", "portable"):
        raise StageError(f"{bundle / TRAINING}: no profile of determinism: {named!r}")
    return "portable" if named == "portable" else "default"


def asker(subject: Subject) -> Callable[[Any], Any]:
    """Give what images (n, side, side, 3) uint8 get: calibrated probabilities, as evaluate computes them."""

    def ask(images: Any) -> Any:
        return subject.calibration.probabilities(subject.logits(images))

    return ask


def _loaded(bundle: Path, side: int) -> Callable[[Any], Any]:
    """Load the model as evaluate does. The first question takes seconds, so it is asked here."""
    import numpy as np  # after seeding, which must come before NumPy

    from stagekit.evaluate.subject import load_subject

    ask = asker(load_subject(bundle))
    ask(np.zeros((1, side, side, 3), dtype=np.uint8))
    return ask
