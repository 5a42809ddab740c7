import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from colornet.errors import ModelDamaged, ModelNotFound
from colornet.model import (
    CARD,
    DECODER,
    ENCODER,
    GUIDANCE_HEAD,
    ModelCard,
    TrainingData,
    find,
    list_models,
    open_ahead,
    open_graphs,
    record_files,
    verify,
)
from colornet.model import folder as model_folder
from colornet.model.graphs import begun_graphs
from tests.conftest import BINS, SIZE, write_model


@pytest.fixture
def model(tmp_path: Path, tiny_model: Path) -> Path:
    """A model of one's own, to be damaged."""
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def edit_card(folder: Path, **changes: object) -> None:
    fields = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(fields | changes))


def test_card_survives_writing(tiny_model: Path, tmp_path: Path) -> None:
    card = ModelCard.from_file(tiny_model / CARD)
    folder = "albums \udcff"  # a name that is not UTF-8, as of a folder of training pictures
    card = replace(
        card,
        bins=((-10.0, 0.0), (0.0, 10.0)),
        description="Blüten, 花",
        data=(TrainingData(folder, 9, "mine"),),
    )
    card.to_file(tmp_path / CARD)
    assert ModelCard.from_file(tmp_path / CARD) == card


def test_card_knows_the_size_of_its_files(tiny_model: Path) -> None:
    sizes = [(tiny_model / name).stat().st_size for name in (ENCODER, DECODER)]
    assert find(tiny_model).card.bytes == sum(sizes)


def test_shipped_models_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("portraits", "general"):
        write_model(tmp_path / name)
    (tmp_path / "leftover").mkdir()
    monkeypatch.setattr(model_folder, "SHIPPED", tmp_path)
    assert [card.name for card in list_models()] == ["general", "portraits"]
    assert find("general").path == tmp_path / "general"
    with pytest.raises(ModelNotFound, match="use general or portraits, or a model folder"):
        find("generic")


def test_checkpoint_is_pointed_to_the_exporter(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"colornet export .*last\.ckpt -o FOLDER"):
        find(tmp_path / "last.ckpt")


def test_graph_is_no_model(tiny_model: Path) -> None:
    with pytest.raises(ModelNotFound, match="name the folder"):
        find(tiny_model / ENCODER)


def test_sound_model_opens(tiny_model: Path) -> None:
    folder = find(tiny_model)
    verify(folder)
    encoder = open_graphs(folder, threads=1).encoder
    assert encoder.get_inputs()[0].shape == [1, 1, SIZE, SIZE]


def spoil(name: str, text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_text(text)

    return damage


def swap_bytes(folder: Path) -> None:
    data = bytearray((folder / DECODER).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / DECODER).write_bytes(data)


def cut_off(folder: Path) -> None:
    data = (folder / ENCODER).read_bytes()
    (folder / ENCODER).write_bytes(data[: len(data) // 2])


def put_text_under_a_true_checksum(folder: Path) -> None:
    (folder / ENCODER).write_text("no graph")
    replace(find(folder).card, files=record_files(folder)).to_file(folder / CARD)


DAMAGES = {
    "no card": (lambda folder: (folder / CARD).unlink(), "card.json: is missing"),
    "no encoder": (lambda folder: (folder / ENCODER).unlink(), "encoder.onnx: is missing"),
    "no decoder": (lambda folder: (folder / DECODER).unlink(), "decoder.onnx: is missing"),
    "cut off": (cut_off, "encoder.onnx: has .* bytes instead of"),
    "changed": (swap_bytes, "decoder.onnx: was changed"),
    "no graph": (put_text_under_a_true_checksum, "encoder.onnx: is not a graph"),
    "empty card": (spoil(CARD, ""), "card.json: is not a model card"),
    "binary card": (spoil(CARD, "\0\1"), "card.json: is not a model card"),
    "card is a list": (spoil(CARD, "[]"), "card.json: is not a model card"),
    "card of something else": (spoil(CARD, "{}"), "says nothing of 'format'"),
    "newer card": (lambda folder: edit_card(folder, format=2), "of format 2, not 1"),
    "wrong type": (lambda folder: edit_card(folder, input_size="big"), "is not a model card"),
    "no checksums": (lambda folder: edit_card(folder, files={}), "says nothing of 'encoder.onnx'"),
    "other features": (lambda folder: edit_card(folder, features=["x"]), "not those of its card"),
    "other prior": (lambda folder: edit_card(folder, prior=0), "not those of its card"),
    "hints it lacks": (lambda folder: edit_card(folder, hints=True), "not those of its card"),
    "guide it lacks": (lambda folder: edit_card(folder, bins=BINS), "not those of its card"),
    "endless size": (lambda folder: edit_card(folder, input_size=math.inf), "is not a model card"),
    "deep card": (spoil(CARD, "[" * 100_000), "card.json: is not a model card"),
    "title of a number": (lambda folder: edit_card(folder, title=5), r"\(title: 5 is not text\)"),
    "size of a text": (
        lambda folder: edit_card(folder, files={ENCODER: {"sha256": "", "bytes": "9"}}),
        r"\(bytes is '9'\)",
    ),
    "setting of a text": (
        lambda folder: edit_card(folder, settings={"a": {"vividness": "x", "saturation": 1}}),
        r"\(settings: vividness is 'x'\)",
    ),
    "endless setting": (
        lambda folder: edit_card(folder, settings={"a": {"vividness": 1, "saturation": math.inf}}),
        r"\(settings: saturation is inf\)",
    ),
    "setting of no lightness": (
        lambda folder: edit_card(
            folder, settings={"a": {"vividness": 1, "saturation": 1, "shadow": 1e300}}
        ),
        r"\(settings: shadow is 1e\+300, and no lightness of 0 to 100\)",
    ),
    "setting below black": (
        lambda folder: edit_card(
            folder, settings={"a": {"vividness": 1, "saturation": 1, "shadow": -5}}
        ),
        r"\(settings: shadow is -5, and no lightness of 0 to 100\)",
    ),
    "figure of a text": (
        lambda folder: edit_card(folder, figures={"Kodak": {"psnr": "high"}}),
        r"\(figures: 'high' is not a number\)",
    ),
    "figures of a number": (lambda folder: edit_card(folder, figures=5), "5 is not a mapping"),
    "data of a text": (lambda folder: edit_card(folder, data="mine"), "'mine' is not a list"),
    "longer prior": (lambda folder: edit_card(folder, prior=99), "as prior, not the 99 of its"),
    "other size": (lambda folder: edit_card(folder, input_size=64), "side 32, not the card's 64"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named(damage: str, model: Path) -> None:
    harm, reason = DAMAGES[damage]
    harm(model)
    with pytest.raises(ModelDamaged, match=reason) as caught:
        open_graphs(find(model))
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / GUIDANCE_HEAD).unlink(), "guide.onnx: is missing"),
        (spoil(GUIDANCE_HEAD, "x"), "guide.onnx: has 1 bytes instead of"),
        (lambda folder: edit_card(folder, hints=False), "not those of its card"),
        (lambda folder: edit_card(folder, bins=BINS[:-1]), "values as logits, not the"),
    ],
)
def test_damage_to_a_guide_is_named(
    damage: Callable[[Path], None], reason: str, guided_model: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(guided_model, tmp_path / "model"))
    open_graphs(find(folder))
    damage(folder)
    with pytest.raises(ModelDamaged, match=reason):
        open_graphs(find(folder))


def test_graphs_opened_ahead_are_those_that_are_asked_for(tiny_model: Path) -> None:
    open_ahead(tiny_model)
    folder = find(tiny_model)
    encoder, decoder, _ = open_graphs(folder)
    assert open_graphs(folder).encoder is not encoder
    assert decoder.get_outputs()[0].name == "ab"


def test_what_is_wrong_with_graphs_opened_ahead_is_told_when_they_are_asked_for(
    model: Path,
) -> None:
    (model / DECODER).write_bytes(b"")
    open_ahead(model)
    with pytest.raises(ModelDamaged, match="0 bytes"):
        open_graphs(find(model))


def test_an_encoder_opened_ahead_does_not_wait_for_the_other_graphs(model: Path) -> None:
    (model / DECODER).write_bytes(b"")
    open_ahead(model)
    graphs = begun_graphs(find(model))
    assert graphs.encoder.get_inputs()[0].name == "lightness"
    with pytest.raises(ModelDamaged, match="0 bytes"):
        graphs.decoder  # noqa: B018


def test_graphs_that_were_not_begun_are_all_opened_at_once(model: Path) -> None:
    (model / DECODER).write_bytes(b"")
    with pytest.raises(ModelDamaged, match="0 bytes"):
        begun_graphs(find(model))
