"""What changes stock. Every change goes through a function of the database (sql/).

All of these work inside a transaction of the caller or make their own; those that take several
rows lock them in the order of their ids.
"""

from inventory.selectors import availability, check_drift
from inventory.services.calls import NOTHING, Reference
from inventory.services.counting import (
    cancel_count,
    count_now,
    enter_count,
    post_count,
    start_count,
)
from inventory.services.periods import Report, Row, close_month, monthly_report
from inventory.services.receiving import (
    Asn,
    AsnLine,
    Label,
    Receipt,
    book_exception,
    read_label,
    read_slip,
    receive,
)
from inventory.services.reservations import Line, commit, expire_due, extend, release, reserve
from inventory.services.shortages import OfflineSale, sell_offline, settle_shortage, write_off
from inventory.services.stock import adjust, destroy, lift_quarantine, quarantine, recall
from inventory.services.transfers import receive_transfer, send_transfer, transfer

__all__ = [
    "NOTHING", "Asn", "AsnLine", "Label", "Line", "OfflineSale", "Receipt", "Reference", "Report",
    "Row", "adjust", "availability", "book_exception", "cancel_count", "check_drift", "close_month",
    "commit", "count_now", "destroy", "enter_count", "expire_due", "extend", "lift_quarantine",
    "monthly_report", "post_count", "quarantine", "read_label", "read_slip", "recall", "receive",
    "receive_transfer", "release", "reserve", "sell_offline", "send_transfer", "settle_shortage",
    "start_count", "transfer", "write_off",
]  # fmt: skip
