"""Programs that come with a request: filters in jq, templates in jsonnet, regular expressions.

Each can be written so that it never ends, takes all memory or, in jq, ends the process that runs it; the
libraries for jq and regular expressions stop every thread meanwhile. So a small process of its own runs it.
"""

from calf.runner.strangers.asking import Language, Refusal, engage

__all__ = ["Language", "Refusal", "engage"]
