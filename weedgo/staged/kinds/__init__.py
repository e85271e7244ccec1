"""The object kinds. This table is the only place that lists them."""

from __future__ import annotations

from weedgo.staged.kinds.access_methods import AccessMethodKind
from weedgo.staged.kinds.aggregates import AggregateKind
from weedgo.staged.kinds.base import Kind
from weedgo.staged.kinds.collations import CollationKind
from weedgo.staged.kinds.columns import ColumnKind
from weedgo.staged.kinds.comments import CommentKind
from weedgo.staged.kinds.composites import CompositeTypeKind
from weedgo.staged.kinds.constraints import ConstraintKind
from weedgo.staged.kinds.conversions import ConversionKind
from weedgo.staged.kinds.defaults import DefaultKind
from weedgo.staged.kinds.domains import DomainConstraintKind, DomainKind
from weedgo.staged.kinds.enums import EnumKind
from weedgo.staged.kinds.event_triggers import EventTriggerKind
from weedgo.staged.kinds.extensions import ExtensionKind
from weedgo.staged.kinds.foreign import (
    ForeignDataWrapperKind,
    ForeignTableKind,
    ServerKind,
    UserMappingKind,
)
from weedgo.staged.kinds.functions import FunctionKind
from weedgo.staged.kinds.indexes import IndexKind
from weedgo.staged.kinds.languages import LanguageKind, TransformKind
from weedgo.staged.kinds.marks import ClusterKind, ReplicaIdentityKind, RowSecurityKind
from weedgo.staged.kinds.matviews import MaterializedViewKind
from weedgo.staged.kinds.member_privileges import MemberPrivilegesKind
from weedgo.staged.kinds.operators import (
    CastKind,
    OperatorClassKind,
    OperatorFamilyKind,
    OperatorKind,
)
from weedgo.staged.kinds.owners import OwnerKind
from weedgo.staged.kinds.partitions import PartitionKind
from weedgo.staged.kinds.policies import PolicyKind
from weedgo.staged.kinds.privileges import DefaultPrivilegesKind, PrivilegesKind
from weedgo.staged.kinds.publications import (
    PublicationKind,
    PublicationSchemaKind,
    PublicationTableKind,
)
from weedgo.staged.kinds.ranges import RangeTypeKind
from weedgo.staged.kinds.rules import RuleKind
from weedgo.staged.kinds.schemas import SchemaKind
from weedgo.staged.kinds.sequences import SequenceKind, SequenceOwnerKind
from weedgo.staged.kinds.statistics import StatisticsKind
from weedgo.staged.kinds.subscriptions import SubscriptionKind
from weedgo.staged.kinds.tables import TableKind
from weedgo.staged.kinds.text_search import (
    TextSearchConfigurationKind,
    TextSearchDictionaryKind,
    TextSearchParserKind,
    TextSearchTemplateKind,
)
from weedgo.staged.kinds.triggers import TriggerKind, TriggerStateKind
from weedgo.staged.kinds.views import ViewKind

_ALL: tuple[Kind, ...] = (
    SchemaKind(),
    ExtensionKind(),
    LanguageKind(),
    AccessMethodKind(),
    CollationKind(),
    EnumKind(),
    DomainKind(),
    DomainConstraintKind(),
    CompositeTypeKind(),
    RangeTypeKind(),
    CastKind(),
    OperatorKind(),
    OperatorFamilyKind(),
    OperatorClassKind(),
    TransformKind(),
    ConversionKind(),
    TextSearchParserKind(),
    TextSearchTemplateKind(),
    TextSearchDictionaryKind(),
    TextSearchConfigurationKind(),
    ForeignDataWrapperKind(),
    ServerKind(),
    UserMappingKind(),
    SequenceKind(),
    SequenceOwnerKind(),
    TableKind(),
    ForeignTableKind(),
    ColumnKind(),
    PartitionKind(),
    DefaultKind(),
    ViewKind(),
    MaterializedViewKind(),
    FunctionKind(),
    AggregateKind(),
    TriggerKind(),
    TriggerStateKind(),
    RuleKind(),
    IndexKind(),
    StatisticsKind(),
    ConstraintKind(),
    RowSecurityKind(),
    ReplicaIdentityKind(),
    ClusterKind(),
    PolicyKind(),
    PublicationKind(),
    PublicationTableKind(),
    PublicationSchemaKind(),
    SubscriptionKind(),
    OwnerKind(),
    PrivilegesKind(),
    MemberPrivilegesKind(),
    CommentKind(),
    DefaultPrivilegesKind(),
    EventTriggerKind(),
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
