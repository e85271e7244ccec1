"""What changes payments, by name; see the modules that these come from.

None of it works inside the transaction of a caller: its rollback would forget what a provider did.
"""

from __future__ import annotations

from payments.discrepancies import assign, exceptions, resolve
from payments.disputes import accept_dispute, due_disputes, open_dispute, submit_evidence
from payments.following import capture, refund, void
from payments.health import window as health
from payments.importing import import_bank, import_settlement
from payments.matching import close, match, match_bank
from payments.resolving import resolve_by_hand, resolve_due
from payments.routing import pick_provider
from payments.taking import authorize, charge
from payments.webhooks import ingest_webhook, process_webhooks, replay

__all__ = [
    "accept_dispute", "assign", "authorize", "capture", "charge", "close", "due_disputes",
    "exceptions", "health", "import_bank", "import_settlement", "ingest_webhook", "match",
    "match_bank", "open_dispute", "pick_provider", "process_webhooks", "refund", "replay",
    "resolve", "resolve_by_hand", "resolve_due", "submit_evidence", "void",
]  # fmt: skip
