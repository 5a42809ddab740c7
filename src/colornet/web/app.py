"""Joins the parts into one FastAPI application."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

import colornet
from colornet.colorizer import Colorizer
from colornet.picture import Limits
from colornet.web import errors, openapi
from colornet.web.canvases import Canvases
from colornet.web.films.registry import Films
from colornet.web.jobs import Jobs
from colornet.web.metrics import Metrics
from colornet.web.middleware.access import AccessMiddleware
from colornet.web.middleware.headers import HeadersMiddleware
from colornet.web.middleware.recording import RecordingMiddleware
from colornet.web.openapi import ANY_ERRORS, API_ERRORS
from colornet.web.routes import canvases, colorize, film_results, films, frames, health, models
from colornet.web.routes.dependencies import check_query
from colornet.web.settings import Settings
from colornet.web.state import AppState
from colornet.web.warmup import warm_up

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

mimetypes.add_type("text/javascript", ".js")  # some systems say otherwise, and browsers heed it
mimetypes.add_type("application/manifest+json", ".webmanifest")
STATIC = Path(__file__).parent / "static"
SWEEP_SECONDS = 10.0
SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""Settings of FastAPI, which otherwise sends traces to where OTEL_* in the environment says."""


def make_app(settings: Settings | None = None) -> FastAPI:
    """The server, its models loaded.

    Raises:
        ModelNotFound, ModelDamaged: see `colornet.model`.
    """
    settings = settings or Settings()
    limits = Limits(bytes=settings.max_bytes, pixels=settings.max_pixels)
    colorizers = [Colorizer(model, limits=limits) for model in settings.models]
    state = AppState(
        settings=settings,
        colorizers={one.card.name: one for one in colorizers},
        model_sources={
            one.card.name: source for one, source in zip(colorizers, settings.models, strict=True)
        },
        jobs=Jobs(settings.threads, settings.max_waiting, settings.timeout),
        canvases=Canvases(settings),
        films=Films(settings),
        metrics=Metrics(),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(state.films.begin)
        await warm_up(app, bare, state.colorizers)
        sweeper = asyncio.create_task(_sweep(state))
        yield
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        await state.films.close()
        state.jobs.close()

    app = FastAPI(
        title="colornet",
        summary="Colorize grayscale photographs.",
        version=colornet.__version__,
        docs_url=None,
        redoc_url=None,
        telemetry=SILENT,
        lifespan=lifespan,
        redirect_slashes=False,  # a client that follows one may leave its upload behind
    )
    app.state.colornet = state
    errors.install(app)
    checks, responses = [Depends(check_query)], API_ERRORS | ANY_ERRORS
    for module in (colorize, canvases, films, frames, film_results, models):
        app.include_router(module.router, dependencies=checks, responses=responses)
    app.include_router(health.router, responses=ANY_ERRORS)

    @app.head("/docs", include_in_schema=False)
    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(STATIC / "docs.html")

    # The page's files are what no route is; mounted, they would hide that a method is wrong.
    app.router.default = StaticFiles(directory=STATIC, html=True)
    openapi.install(app, token=settings.token is not None)
    bare = app.build_middleware_stack()
    app.add_middleware(AccessMiddleware, settings=settings)
    app.add_middleware(RecordingMiddleware, metrics=state.metrics)
    app.add_middleware(HeadersMiddleware, settings=settings)  # the outermost
    return app


async def _sweep(state: AppState) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        state.canvases.expire()
        await state.films.expire()
