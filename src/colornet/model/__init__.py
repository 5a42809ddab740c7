"""What a model is: a folder with two or three ONNX graphs and a card."""

from colornet.model.card import (
    CARD,
    DECODER,
    ENCODER,
    GUIDANCE_HEAD,
    ModelCard,
    decoder_outputs,
    guidance_outputs,
)
from colornet.model.fields import FileRecord, Setting, TrainingData
from colornet.model.folder import (
    DEFAULT_MODEL,
    ModelFolder,
    find,
    like_a_shipped_one,
    list_models,
    record_files,
    verify,
)
from colornet.model.graphs import Graphs, open_ahead, open_graphs, usable_cores

__all__ = [
    "CARD",
    "DECODER",
    "DEFAULT_MODEL",
    "ENCODER",
    "GUIDANCE_HEAD",
    "FileRecord",
    "Graphs",
    "ModelCard",
    "ModelFolder",
    "Setting",
    "TrainingData",
    "decoder_outputs",
    "find",
    "guidance_outputs",
    "like_a_shipped_one",
    "list_models",
    "open_ahead",
    "open_graphs",
    "record_files",
    "usable_cores",
    "verify",
]
