"""Graphs, run: what comes out is named in one place, and the shipped models have those names."""

from pathlib import Path

import numpy as np
import pytest

from colornet.model import DEFAULT_MODEL, find, list_models
from colornet.model.card import DECODER_FEATURES
from colornet.model.graphs import open_graphs
from colornet.model.session import Session

LIGHTNESS = np.full((32, 32), 50, np.float32)


@pytest.mark.parametrize("name", [card.name for card in list_models()])
def test_shipped_models_have_the_names_that_graphs_are_run_by(name: str) -> None:
    folder = find(name)
    graphs = open_graphs(folder, threads=1)
    given = {node.name for node in graphs.decoder.get_outputs()}
    assert (DECODER_FEATURES in given) == (graphs.guidance_head is not None)
    if graphs.guidance_head:
        taken = {node.name for node in graphs.guidance_head.get_inputs()}
        assert taken == {DECODER_FEATURES, *folder.card.features}
    assert name != DEFAULT_MODEL or graphs.guidance_head


def test_what_a_model_lacks_is_none(tiny_model: Path, guided_model: Path) -> None:
    session = Session(find(tiny_model), threads=1)
    encoded = session.encode(LIGHTNESS)
    decoded = session.decode(encoded)
    assert (decoded.vivid, decoded.features) == (None, None)
    assert decoded.ab.shape == (2, 16, 16)
    session = Session(find(guided_model), threads=1)
    encoded = session.encode(LIGHTNESS)
    guided = session.guide(encoded, session.decode(encoded))
    assert guided.logits is not None
    assert guided.affinity is not None
    assert encoded.prior is not None
    other = session.decode(encoded, np.zeros_like(encoded.prior))
    assert not np.array_equal(other.ab, session.decode(encoded).ab)
