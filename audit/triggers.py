"""Triggers that keep the audit log as it was written."""

from __future__ import annotations

import pgtrigger

from weedgo.tenancy.triggers import SharedTrigger


class RefuseChange(SharedTrigger):
    """Refuses to change or delete a row; on rows, so that it holds in each partition too."""

    name = "refuse_change"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    function = "public.agi_audit_refuse"


class RefuseTruncate(SharedTrigger):
    """Refuses to empty the table; weedgo_make_partitions puts it on each partition."""

    name = "refuse_truncate"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    function = "public.agi_audit_refuse"
