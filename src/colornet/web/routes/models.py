"""The models that are loaded, and the limits on uploads."""

from __future__ import annotations

from fastapi import APIRouter

from colornet.model import ModelCard
from colornet.web.routes.dependencies import API, State
from colornet.web.server_schemas import FilmLimits, ModelInfo, ServerInfo

router = APIRouter(prefix=f"{API}/models", tags=["server"])


@router.head("", include_in_schema=False)
@router.get("")
async def list_models(state: State) -> ServerInfo:
    """The models that are loaded, the default first, and the limits on uploads."""
    settings = state.settings
    films = FilmLimits(
        max_bytes=settings.max_film_bytes,
        max_seconds=settings.max_film_seconds,
        max_open=settings.max_films,
    )
    return ServerInfo(
        models=[_info(name, one.card) for name, one in state.colorizers.items()],
        max_bytes=settings.max_bytes,
        max_pixels=settings.max_pixels,
        films=films if state.films.are_possible else None,
    )


def _info(name: str, card: ModelCard) -> ModelInfo:
    return ModelInfo(
        name=name,
        title=card.title,
        description=card.description,
        license=card.license,
        weaknesses=list(card.weaknesses),
        settings=list(card.settings),
        hints=card.hints,
        suggestions=bool(card.bins),
    )
