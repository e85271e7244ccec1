"""Triggers that number the versions of rules and tell of changes."""

from __future__ import annotations

import pgtrigger

from weedgo.tenancy.triggers import SharedTrigger


class BumpVersion(SharedTrigger):
    """Counts the versions of a rule, whatever the statement says of it."""

    name = "bump_version"
    when = pgtrigger.Before
    operation = pgtrigger.Update
    function = "public.agi_rate_limit_bump_version"


class TellChange(SharedTrigger):
    """Notifies the channel `agi_rate_limit_rules` and records the change in the audit log."""

    name = "tell_change"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    function = "public.agi_rate_limit_tell_change"
