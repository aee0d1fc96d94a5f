"""What makes a branch follow another one, in words."""

from __future__ import annotations

from calf.wire.messages import Message


def trigger_words(trigger: Message) -> str:
    """`staging on Cron(@daily) or Size(1K)`; empty when there is no trigger."""
    if not trigger.branch:
        return ""
    conditions = {
        "Cron": trigger.cron_spec,
        "RateLimit": trigger.rate_limit_spec,
        "Size": trigger.size,
        "Commits": trigger.commits,
    }
    shown = [f"{name}({value})" for name, value in conditions.items() if value]
    return f"{trigger.branch} on {(' and ' if trigger.all else ' or ').join(shown)}".removesuffix(" on ")
