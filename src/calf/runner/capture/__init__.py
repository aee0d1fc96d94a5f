"""Reads `/pfs/out` as what it is: input from somebody who may mean harm.

Nothing is followed by the kernel: folders are opened one by one below handles, links are read and resolved
by us, as the stage saw them, and only within the datum's own `/pfs` and `/tmp`. Whatever is not a file, a
folder or such a link fails the datum, with its name.
"""

from calf.runner.capture.walk import BadOutput, Limits, capture

__all__ = ["BadOutput", "Limits", "capture"]
