"""The statistics of a database as tables: with rich on a terminal, in plain columns elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from weedgo.staged.report import words
from weedgo.staged.stats import Added, DatabaseStats, IndexStats
from weedgo.tenancy.placement import Node

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One table: its title, its head, its rows, and which columns are figures."""

    title: str
    head: Row
    rows: tuple[Row, ...]
    right: frozenset[int] = frozenset()
    empty: str = ""
    more: int = 0


def sections(stats: DatabaseStats, limit: int, cluster: Sequence[Node] = ()) -> list[Section]:
    """What to show, the largest first.

    Args:
        stats: of the database.
        limit: rows of each table; 0 for all.
        cluster: the nodes, where there are several.
    """
    found = [
        _added(stats.added),
        _tables(stats),
        _indexes(f"Index use{_since(stats.since)}", sorted(stats.indexes, key=lambda i: -i.scans)),
        _indexes("Unused indexes that nothing rests on", stats.unused, "Every index is used."),
        Section(
            "Duplicate indexes",
            ("index", "size", "superfluous by", "because it has"),
            tuple(
                (_name(d.index), words.size(d.index.bytes), _name(d.by), d.why)
                for d in stats.duplicates
            ),
            frozenset({1}),
            "No index makes another superfluous.",
        ),
        _indexes("Invalid indexes", stats.invalid, "Every index is valid."),
        _tenants(stats),
        *([_nodes(cluster)] if cluster else []),
    ]
    return [_cut(section, limit) for section in found]


def _tables(stats: DatabaseStats) -> Section:
    rows = (
        (
            f"{t.schema}.{t.name}",
            f"{t.rows:,}",
            words.size(t.table_bytes),
            words.size(t.index_bytes),
            words.size(t.total_bytes),
            f"{t.index_scans:,}",
            f"{t.sequential_scans:,}",
        )
        for t in stats.tables
    )
    head = ("table", "rows", "table", "indexes", "in all", "index scans", "sequential scans")
    title = f"Tables ({words.size(stats.database_bytes)} in the whole database)"
    return Section(title, head, tuple(rows), frozenset(range(1, 7)), "No tables.")


def _added(added: Added) -> Section:
    rows = [
        (f"{words.count(len(sizes), noun)}", words.size(sum(sizes.values())))
        for sizes, noun in ((added.tables, "new table"), (added.indexes, "new index"))
    ]
    if added.growth:
        grown = sum(size for name, size in added.growth.items() if name not in added.tables)
        rows.append(("growth of other tables since, whoever wrote", words.size(grown)))
    title = f"Added by run {added.run}" if added.run else "Added by the last run"
    empty = "" if added.run else "The journal knows of no run that changed anything."
    return Section(title, ("what", "size"), tuple(rows if added.run else ()), frozenset({1}), empty)


def _indexes(title: str, indexes: Sequence[IndexStats], empty: str = "No indexes.") -> Section:
    rows = tuple((_name(i), i.table, words.size(i.bytes), f"{i.scans:,}") for i in indexes)
    return Section(title, ("index", "table", "size", "scans"), rows, frozenset({2, 3}), empty)


def _tenants(stats: DatabaseStats) -> Section:
    tables: dict[str, dict[str | None, int]] = {}
    for found in stats.tenants:
        tables.setdefault(f"{found.schema}.{found.table}", {})[found.tenant] = found.rows
    rows = []
    for table, counts in tables.items():
        owned = {tenant: rows for tenant, rows in counts.items() if tenant is not None}
        largest = max(owned, key=lambda tenant: owned[tenant], default="")
        share = f"{owned[largest]:,} of tenant {largest}" if owned else ""
        none = counts.get(None, 0)
        rows.append((table, f"{len(owned):,}", f"{sum(owned.values()):,}", share, f"{none:,}"))
    return Section(
        "Rows per tenant",
        ("table", "tenants", "rows", "the most", "rows of no tenant"),
        tuple(rows),
        frozenset({1, 2, 4}),
        "No table with a column tenant_id has rows.",
    )


def _nodes(cluster: Sequence[Node]) -> Section:
    rows = (
        (node.name, f"{len(node.tenants):,}", words.size(node.bytes), ", ".join(node.tenants))
        for node in cluster
    )
    return Section(
        "Tenants per node", ("node", "tenants", "size", "which"), tuple(rows), frozenset({1, 2})
    )


def show(found: Sequence[Section], out: TextIO) -> None:
    """Print the sections; a terminal gets rich's tables."""
    if out.isatty():
        _show_rich(found, out)
        return
    for section in found:
        out.write(f"{section.title}\n")
        if section.rows:
            lines = words.columns([section.head, *section.rows], right=section.right)
            out.writelines(f"  {line}\n" for line in lines)
        else:
            out.write(f"  {section.empty}\n")
        if section.more:
            out.write(f"  … and {section.more:,} more\n")
        out.write("\n")


def _show_rich(found: Sequence[Section], out: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=out)
    for section in found:
        if not section.rows:
            console.print(Text(section.title, "bold"), Text(section.empty, "dim"), sep="\n")
        else:
            more = f"… and {section.more:,} more" if section.more else None
            table = Table(
                title=Text(section.title, "bold"), title_justify="left", box=None, caption=more,
                caption_justify="left", pad_edge=False,
            )  # fmt: skip
            for position, name in enumerate(section.head):
                right = position in section.right
                table.add_column(name, justify="right" if right else "left", header_style="dim")
            for row in section.rows:
                table.add_row(*map(Text, row))
            console.print(table)
        console.print()


def document(
    stats: DatabaseStats, exit_status: int, cluster: Sequence[Node] = ()
) -> dict[str, Any]:
    """The statistics as JSON; nodes only where there are several."""
    more = {"nodes": [asdict(node) for node in cluster]} if cluster else {}
    return {
        "version": 1,
        "status": "invalid" if stats.invalid else "ok",
        "exit": exit_status,
        "message": "",
        "database_bytes": stats.database_bytes,
        "since": stats.since,
        "added": asdict(stats.added) | {"total": stats.added.total},
        "tables": [asdict(t) | {"total_bytes": t.total_bytes} for t in stats.tables],
        "indexes": [asdict(i) for i in stats.indexes],
        "unused": [_name(i) for i in stats.unused],
        "duplicates": [
            {"index": _name(d.index), "by": _name(d.by), "why": d.why} for d in stats.duplicates
        ],
        "invalid": [_name(i) for i in stats.invalid],
        "tenants": [asdict(t) for t in stats.tenants],
        **more,
    }


def _name(index: IndexStats) -> str:
    return f"{index.schema}.{index.name}"


def _since(since: str) -> str:
    return f" since {since}" if since else ""


def _cut(section: Section, limit: int) -> Section:
    if not limit or len(section.rows) <= limit:
        return section
    return Section(
        section.title, section.head, section.rows[:limit], section.right, section.empty,
        len(section.rows) - limit,
    )  # fmt: skip
