"""All films of a server."""

import asyncio
import gc
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from colornet.web.errors import ApiError
from colornet.web.films.film import Film
from colornet.web.films.folder import FilmsFolder
from colornet.web.films.registry import Films
from colornet.web.settings import Settings

WITHOUT_PYAV = "import sys; sys.modules['av'] = None; from colornet.cli.app import main; main()"


def test_unused_films_are_removed_but_not_those_in_work() -> None:
    async def run() -> None:
        films = Films(Settings(idle=50, max_films=2))
        opened = []
        for number in range(2):
            folder = await films.make_folder()
            (folder / "source").write_bytes(b"film")
            film = Film(folder.name, f"{number}.mp4", folder, folder / "source", False)
            films.add(film)
            opened.append(film)
        with pytest.raises(ApiError, match="2 films"), films.uploading():
            pass
        opened[1].start(asyncio.sleep(60))
        await films.expire()
        assert len(films) == 2
        for film in opened:
            film.used = time.monotonic() - 60
        await films.expire()
        assert [film.folder.exists() for film in opened] == [False, True]
        with pytest.raises(ApiError, match="is not on the server"):
            films.get(opened[0].id)
        await opened[1].cancel()
        await films.expire()
        assert len(films) == 1, "the idle time begins when the work ends"
        root = opened[1].folder.parent
        await films.close()
        assert not root.exists()

    asyncio.run(run())


def test_films_that_are_first_at_the_same_time_share_a_folder() -> None:
    count = 8
    folder, all_ready = FilmsFolder(), threading.Barrier(count)

    def make(number: int) -> Path:
        all_ready.wait()
        return folder.make(str(number))

    with ThreadPoolExecutor(count) as pool:
        made = list(pool.map(make, range(count)))
    gc.collect()
    assert all(path.is_dir() for path in made)
    assert len({path.parent for path in made}) == 1
    folder.close()
    assert not made[0].parent.exists()


def test_without_the_extra_films_are_refused_and_all_else_works(
    guided_model: Path, gray: bytes
) -> None:
    command = [sys.executable, "-c", WITHOUT_PYAV, "serve", "--port=0", f"--model={guided_model}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        with httpx.Client(base_url=f"{url}api/v1", timeout=60) as client:
            assert client.get("/models").json()["films"] is None
            for method, path in (("POST", "/films"), ("GET", "/films/x/frames/0")):
                answer = client.request(method, path)
                assert answer.status_code == 501
                assert "pip install '.[video]'" in answer.json()["error"]["remedy"]
            assert client.post("/colorize", content=gray).status_code == 200
        process.send_signal(2)
    assert process.returncode == 0
