"""The models that are loaded, and the limits on uploads."""

from __future__ import annotations

from fastapi import APIRouter

from colornet.model import ModelCard
from colornet.web.routes.dependencies import API, State
from colornet.web.schemas import ModelInfo, ServerInfo

router = APIRouter(prefix=f"{API}/models", tags=["server"])


@router.get("")
async def list_models(state: State) -> ServerInfo:
    """The models that are loaded, the default first, and the limits on uploads."""
    return ServerInfo(
        models=[_info(name, one.card) for name, one in state.colorizers.items()],
        max_bytes=state.settings.max_bytes,
        max_pixels=state.settings.max_pixels,
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
