"""Joins the parts into one FastAPI application."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

import colornet
from colornet import warned
from colornet.colorizer import Colorizer
from colornet.picture import Limits
from colornet.web import problems
from colornet.web.api import api
from colornet.web.canvases import Canvases
from colornet.web.guard import Guard
from colornet.web.jobs import Jobs
from colornet.web.messages import Health
from colornet.web.metrics import Metrics
from colornet.web.settings import Settings
from colornet.web.state import State

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

mimetypes.add_type("text/javascript", ".js")  # some systems say otherwise, and browsers heed it
STATIC = Path(__file__).parent / "static"
SWEEP_SECONDS = 10.0
SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""Of FastAPI, which otherwise reports requests wherever OTEL_* in the environment says."""


def make_app(settings: Settings | None = None) -> FastAPI:
    """The server, its models loaded.

    Raises:
        ModelNotFound, ModelDamaged: see `colornet.modelfile`.
    """
    settings = settings or Settings()
    limits = Limits(bytes=settings.bytes, pixels=settings.pixels)
    models = [Colorizer(model, limits=limits) for model in settings.models]
    jobs = Jobs(settings.threads, settings.queue, settings.seconds)
    canvases, metrics = Canvases(settings), Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with warned.listening():
            sweeper = asyncio.create_task(_sweep(canvases))
            yield
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper
            jobs.close()

    app = FastAPI(
        title="colornet",
        summary="Colorize grayscale photographs.",
        version=colornet.__version__,
        docs_url=None,
        redoc_url=None,
        telemetry=SILENT,
        lifespan=lifespan,
    )
    app.state.colornet = State(settings, {one.card.name: one for one in models}, jobs, canvases)
    problems.install(app)
    app.include_router(api)

    @app.get("/healthz", tags=["server"])
    async def healthz() -> Health:
        """Whether the server answers."""
        return Health()

    @app.get("/metrics", tags=["server"], response_class=Response)
    async def show_metrics() -> Response:
        """Counters and gauges, as Prometheus text."""
        gauges = {
            "jobs_pending": (jobs.pending, "Pictures being computed or waiting for it."),
            "canvases": (len(canvases), "Photographs that are open."),
            "bytes": (canvases.bytes, "Held by open photographs, uploads and answers under way."),
        }
        return Response(metrics.text(gauges), media_type="text/plain; version=0.0.4")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(STATIC / "docs.html")

    app.mount("/", StaticFiles(directory=STATIC, html=True))
    app.add_middleware(Guard, settings=settings, metrics=metrics)
    return app


async def _sweep(canvases: Canvases) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        canvases.expire()
