"""The schema backup that is taken before the first change."""

from __future__ import annotations

import subprocess
from pathlib import Path

from weedgo.staged import db, scratch
from weedgo.staged.db import Connection
from weedgo.staged.model import Options, StagedError


def back_up(url: str, conn: Connection, output: Path, options: Options) -> Path:
    """Dump the target's schema.

    Raises:
        StagedError: no pg_dump that is new enough, or it failed; the message names --no-backup.
    """
    path = output / "schema_backup.sql"
    try:
        program = scratch.find_tool(
            "pg_dump", conn.info.server_version // 10000, folders=options.tool_folders
        )
    except StagedError as error:
        raise StagedError(f"{error}; or go without a schema backup: --no-backup") from None
    done = subprocess.run(
        [
            str(program),
            "--schema-only",
            "--no-password",
            "--file",
            str(path),
            "--dbname",
            scratch.bare(url),
        ],
        env=scratch.environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = db.scrub(" ".join(done.stderr.split()), url)
        raise StagedError(f"the schema backup failed: {why}; mend that, or go without: --no-backup")
    return path
