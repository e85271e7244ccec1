r"""Files of SQL that reach beyond the database they are loaded into are known beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from weedgo.staged.model import StagedError
from weedgo.staged.sqlfile import check


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "wanted.sql"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("\\connect shop", r"\\connect"),
        ("\\c", r"\\c"),
        ("SELECT 1 \\c shop", r"\\c"),
        ("\\! rm -r x", r"\\!"),
        ("\\!rm -r x", r"\\!"),
        ("\\o |sh", r"\\o"),
        ("CREATE DATABASE shop;", "CREATE DATABASE"),
        ("create\n  /* a /* b */ ; */ database -- ;\n shop", "CREATE DATABASE"),
        ("DROP DATABASE IF EXISTS shop;", "DROP DATABASE"),
        ('ALTER DATABASE "shop" SET timezone = 0;', "ALTER DATABASE"),
        ("CREATE ROLE app;", "CREATE ROLE"),
        ("SELECT 'it''s'; ALTER USER app PASSWORD 'x';", "ALTER USER"),
        ("DROP GROUP app;", "DROP GROUP"),
        ("ALTER SYSTEM SET fsync = off;", "ALTER SYSTEM"),
        ("COMMENT ON DATABASE shop IS 'x';", "COMMENT ON DATABASE"),
        ("GRANT ALL PRIVILEGES ON DATABASE shop TO app;", "ON DATABASE"),
        ("REVOKE admins FROM app;", "REVOKE of a role"),
        ("DO $a$ BEGIN $b$ ; END $a$; CREATE ROLE app;", "CREATE ROLE"),
        (
            "CREATE TABLE t (x text);\nCOPY t FROM stdin;\nit's\n\\.\nCREATE ROLE app;",
            "CREATE ROLE",
        ),
        ("SELECT E'\\'; CREATE TABLE t ();', 1; CREATE ROLE app;", "CREATE ROLE"),
    ],
)
def test_what_reaches_beyond_is_named_with_its_line(file: Path, text: str, what: str) -> None:
    file.write_text(f"SET x.y = 1;\n{text}")
    with pytest.raises(StagedError, match=rf"wanted\.sql, line \d+: .*{what}"):
        check(file)


def test_the_line_is_the_statements(file: Path) -> None:
    file.write_text("CREATE TABLE t (\n  x text\n);\n\nCREATE\nROLE app;\n")
    with pytest.raises(StagedError, match=r"line 5: CREATE ROLE"):
        check(file)


@pytest.mark.parametrize(
    "text",
    [
        "\\restrict abc\nCREATE TABLE t (x text);\n\\unrestrict abc\n",
        "CREATE USER MAPPING FOR app SERVER s;\nDROP USER MAPPING FOR app SERVER s;",
        "ALTER USER MAPPING FOR app SERVER s OPTIONS (SET a 'b');",
        "SELECT ';CREATE ROLE app';\n-- CREATE ROLE app;\n/* \\connect x */",
        'CREATE TABLE "; CREATE ROLE app" (x text);',
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN; CREATE ROLE app; END $$;",
        "CREATE TABLE t (x text);\nCOPY t FROM stdin;\nCREATE ROLE a;\n\\connect x\n\\.\nSELECT 1;",
        "GRANT SELECT (a, b, c, d, e, f, g, h, i, j), INSERT (a) ON t TO app;",
        "GRANT ALL ON SCHEMA public TO a;\nREVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;",
        "ALTER TABLE t OWNER TO app; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;",
        "SELECT database, role FROM create_database; COMMENT ON TABLE t IS 'CREATE DATABASE';",
        "SELECT '\\connect x', \"\\c\", e$$x FROM t",
        "\\set a 1\n\\echo hi\nSELECT 'open",
    ],
)
def test_all_else_is_let_through(file: Path, text: str) -> None:
    file.write_text(text)
    check(file)


def test_files_that_are_included_count_too(file: Path) -> None:
    file.write_text("\\ir tables.sql\n\\i nowhere.sql\n")
    inner = file.with_name("tables.sql")
    inner.write_text("\\ir wanted.sql\nCREATE TABLE t ();\n\\connect shop\n")
    with pytest.raises(StagedError, match=r"tables\.sql, line 3: \\connect"):
        check(file)


def test_no_encoding_is_in_the_way(file: Path) -> None:
    file.write_bytes(b"SELECT '\xff\xfe\x00';\n\x93;")
    check(file)
