"""Stock by location, SKU and lot; its ledger; and what is done with it."""

from inventory.models.flows import Shipment, ShipmentLine, Transfer, TransferLine
from inventory.models.periods import ClosedMonth, Period
from inventory.models.records import Count, CountLine, CountType, Destruction, Recall
from inventory.models.reservations import Reservation, ReservationLine, Shortage
from inventory.models.stock import (
    Drift,
    GtinAlias,
    Location,
    LocationKind,
    Lot,
    LotStatus,
    Movement,
    MovementType,
    Stock,
)

__all__ = [
    "ClosedMonth", "Count", "CountLine", "CountType", "Destruction", "Drift", "GtinAlias",
    "Location", "LocationKind", "Lot", "LotStatus", "Movement", "MovementType", "Period", "Recall",
    "Reservation", "ReservationLine", "Shipment", "ShipmentLine", "Shortage", "Stock", "Transfer",
    "TransferLine",
]  # fmt: skip
