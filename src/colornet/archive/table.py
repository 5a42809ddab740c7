"""The merged manifest as a Parquet table."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

ROWS = 1 << 14
"""In a row group."""
TEXT = pa.string()
NOTICE = pa.struct([("code", TEXT), ("text", TEXT), ("subject", TEXT)])
SCHEMA = pa.schema(
    [
        ("input", TEXT),
        ("output", TEXT),
        ("status", TEXT),
        ("sha256", TEXT),
        ("error", TEXT),
        ("notices", pa.list_(NOTICE)),
        ("seconds", pa.float64()),
        ("model", TEXT),
        ("model_sha256", TEXT),
        ("options", TEXT),
        ("colornet", TEXT),
        ("unit", TEXT),
    ]
)


def write_parquet(rows: Iterable[dict[str, Any]], file: BinaryIO) -> int:
    """Write rows of the manifest, few in memory at once; returns how many. Options are JSON."""
    count = 0
    waiting = iter(rows)
    with ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        while group := list(itertools.islice(waiting, ROWS)):
            writer.write_table(pa.Table.from_pylist(list(map(_flat, group)), SCHEMA))
            count += len(group)
    return count


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    model = row["model"]
    return {
        **{name: _valid(row[name]) for name in SCHEMA.names if name in row},
        "notices": [{k: _valid(v) for k, v in notice.items()} for notice in row["notices"]],
        "model": model["name"],
        "model_sha256": model["sha256"],
        "options": json.dumps(row["options"]),
    }


def _valid(value: Any) -> Any:
    """Names that are no UTF-8 get escapes: Parquet has no other text."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
