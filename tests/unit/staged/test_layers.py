"""A layered catalog is the catalog that it stands for, in all that is worked out of one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weedgo.staged.layers import layered
from weedgo.staged.model import Catalog, Object, ObjectId

NAMES = st.sampled_from("abcde")
ANCESTORS = st.lists(st.tuples(st.just("s"), NAMES), max_size=2, unique=True).map(tuple)
TABLES = st.builds(
    lambda kind, name, ancestors: Object(
        ObjectId(kind, "s", name), {}, {"ancestors": ancestors}
    ),
    st.sampled_from(["table", "foreign_table"]), NAMES, ANCESTORS,
)  # fmt: skip
KEYS = st.builds(
    lambda name, table, other, kind: Object(
        ObjectId("constraint", "s", name, table),
        {"type": kind, "references_schema": "s", "references_table": other},
    ),
    NAMES, NAMES, NAMES, st.sampled_from("fc"),
)  # fmt: skip
OBJECTS = st.lists(TABLES | KEYS, max_size=12).map(lambda found: {o.id: o for o in found})

WORKED_OUT = {
    "families": list, "foreign_families": list, "members": list, "references": set,
    "dependents": set,
}  # fmt: skip


def catalog(objects: dict[ObjectId, Object]) -> Catalog:
    """A catalog in which a key needs its table."""
    needs = {i: frozenset({ObjectId("table", "s", i.parent)} if i.parent else ()) for i in objects}
    return Catalog(objects, 180000, lambda: needs)


@given(OBJECTS, OBJECTS, st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_it_is_as_if_it_had_been_read(standing, wanted, more, less):
    base, origin = catalog(standing), catalog(wanted)
    added = {i: o for n, (i, o) in enumerate(wanted.items()) if n in more}
    gone = frozenset(i for n, i in enumerate(standing) if n in less) | (added.keys() & standing)
    made = layered(base, origin, added, gone)
    whole = catalog({**{i: o for i, o in standing.items() if i not in gone}, **added})
    assert dict(made.objects) == dict(whole.objects)
    for name, ordered in WORKED_OUT.items():
        layer, plain = getattr(made, name), getattr(whole, name)
        for key in plain.keys() | getattr(base, name).keys():
            assert ordered(layer.get(key, ())) == ordered(plain.get(key, ())), (name, key)
