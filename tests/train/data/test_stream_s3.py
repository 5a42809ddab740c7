"""Streams from a real S3 server."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import numpy as np
import pytest
import torch

from colornet import stores
from colornet.errors import DataError
from colornet.train.data import stream
from colornet.train.data.shards import expand, survey
from colornet.train.data.stream import Picked, StreamedBatches
from tests.train.conftest import patches
from tests.train.data.test_stream import pack, sums

pytest.importorskip("s3fs")
server = pytest.importorskip("moto.server")

SHARDS = "s3://photos/set-{0..7}.tar"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Eight tar files of eight pictures on a server, which the environment names."""
    folder = tmp_path_factory.mktemp("s3")
    rng = np.random.default_rng(0)
    running = server.ThreadedMotoServer(port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        files = fsspec.filesystem("s3", skip_instance_cache=True)
        files.mkdir("photos")
        for number in range(8):
            cat = folder / str(number) / "cat"
            cat.mkdir(parents=True)
            for i in range(8):
                patches(rng, 32).save(cat / f"{i}.png")
            tar = pack(folder / str(number), folder / f"set-{number}.tar")
            files.pipe_file(f"photos/set-{number}.tar", tar.read_bytes())
        yield files
    running.stop()


def test_two_processes_stream_each_picture_once_and_go_on_within_a_shard(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BLOCK", 5)
    shards = survey(expand([SHARDS]), None, tmp_path, 2)
    picked = Picked(["cat"], None, 32, 32)

    def process(rank: int) -> StreamedBatches:
        return StreamedBatches(shards, picked, 2, seed=1, rank=rank, world=2, readers=2)

    shown: list[int] = []
    for rank in (0, 1):
        whole = [pixels for pixels, _ in process(rank)]
        broken, resumed = process(rank), process(rank)
        found = [pixels for pixels, _ in islice(broken, 7)]
        resumed.load_state_dict(broken.state_dict())
        found += [pixels for pixels, _ in resumed]
        assert all(torch.equal(a, b) for a, b in zip(found, whole, strict=True))
        shown += sums((pixels, pixels) for pixels in whole)
    assert len(shown) == 64
    assert Counter(shown).most_common(1)[0][1] == 1


def test_requests_that_fail_are_repeated(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "FIRST", 0.001)
    kind = type(bucket)
    answer = kind._cat_file
    asked = []

    async def failing(*args: Any, **given: Any) -> Any:
        asked.append(args)
        if down or len(asked) % 2:
            raise TimeoutError("slow down")
        return await answer(*args, **given)

    monkeypatch.setattr(kind, "_cat_file", failing)
    kind.clear_instance_cache()  # as instances have it already
    down = False
    found = survey(expand([SHARDS]), None, tmp_path, 1)
    assert [shard.pictures for shard in found] == [8] * 8
    assert len(asked) == 16
    down = True
    with pytest.raises(DataError, match=r"cannot be reached \(.*TimeoutError"):
        survey(["s3://photos/set-0.tar"], None, tmp_path / "other", 1)
    kind.clear_instance_cache()


def test_a_missing_object_is_told(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such tar file"):
        survey(["s3://photos/none.tar"], None, tmp_path, 1)


def test_faults_that_waiting_does_not_mend_are_told_at_once(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_: float) -> None:
        raise AssertionError("tried again")

    monkeypatch.setattr(stores, "time", SimpleNamespace(sleep=never, monotonic=time.monotonic))
    kind = type(bucket)
    with pytest.raises(DataError, match=r"^s3://no-such-bucket/a.tar: no such tar file"):
        survey(["s3://no-such-bucket/a.tar"], None, tmp_path, 1)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    kind.clear_instance_cache()
    with pytest.raises(DataError, match=r"set-0.tar: cannot be reached \(no credentials: .*; set"):
        survey(["s3://photos/set-0.tar"], None, tmp_path, 1)
    kind.clear_instance_cache()
