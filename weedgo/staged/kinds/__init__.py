"""The object kinds. This table is the only place that lists them."""

from __future__ import annotations

from weedgo.staged.kinds.base import Kind
from weedgo.staged.kinds.columns import ColumnKind
from weedgo.staged.kinds.comments import CommentKind
from weedgo.staged.kinds.constraints import ConstraintKind
from weedgo.staged.kinds.defaults import DefaultKind
from weedgo.staged.kinds.enums import EnumKind
from weedgo.staged.kinds.functions import FunctionKind
from weedgo.staged.kinds.indexes import IndexKind
from weedgo.staged.kinds.owners import OwnerKind
from weedgo.staged.kinds.privileges import PrivilegesKind
from weedgo.staged.kinds.schemas import SchemaKind
from weedgo.staged.kinds.sequences import SequenceKind, SequenceOwnerKind
from weedgo.staged.kinds.tables import ClusterKind, ReplicaIdentityKind, RowSecurityKind, TableKind
from weedgo.staged.kinds.triggers import TriggerKind
from weedgo.staged.kinds.views import ViewKind

_ALL: tuple[Kind, ...] = (
    SchemaKind(),
    EnumKind(),
    SequenceKind(),
    SequenceOwnerKind(),
    TableKind(),
    ColumnKind(),
    DefaultKind(),
    ViewKind(),
    FunctionKind(),
    TriggerKind(),
    IndexKind(),
    ConstraintKind(),
    RowSecurityKind(),
    ReplicaIdentityKind(),
    ClusterKind(),
    OwnerKind(),
    PrivilegesKind(),
    CommentKind(),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every kind by its name, in the order in which reports list them."""

ORDER: dict[str, int] = {kind.name: place for place, kind in enumerate(_ALL)}
"""Place of a kind among those of its stage."""

SOURCES: dict[str, tuple[Kind, ...]] = {}
"""The kinds that each catalog query serves."""

for _kind in _ALL:
    if _kind.source:
        SOURCES[_kind.source] = (*SOURCES.get(_kind.source, ()), _kind)
