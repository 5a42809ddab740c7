import inspect
import pickle
from pathlib import Path

import pytest

from colornet import errors
from colornet.model import ModelCard

EVERY = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("cls", EVERY)
def test_is_one_tree_drawn_in_the_docstring(cls):
    assert issubclass(cls, errors.ColornetError)
    assert cls.__name__ in errors.__doc__


@pytest.mark.parametrize("cls", EVERY)
def test_says_what_why_and_the_mend_and_survives_a_process_pool(cls):
    error = pickle.loads(pickle.dumps(cls("a.jpg", "is empty", "get another copy")))
    assert type(error) is cls
    assert str(error) == "a.jpg: is empty; get another copy"
    assert (error.subject, error.reason, error.remedy) == ("a.jpg", "is empty", "get another copy")


def test_without_a_mend():
    assert str(errors.ModelError("x", "is damaged")) == "x: is damaged"


@pytest.mark.parametrize(
    ("error", "reason", "remedy"),
    [
        (PermissionError(13, "Permission denied"), "cannot be read (permission denied)", "allow"),
        (FileNotFoundError(2, "No such file or directory"), "is missing", "get another"),
        (OSError(5, "Input/output error"), "cannot be read (input/output error)", "get another"),
    ],
)
def test_what_helps_where_a_file_cannot_be_read(error, reason, remedy, tmp_path, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(errors.ModelDamaged) as raised:
        ModelCard.from_file(tmp_path / "card.json")
    assert raised.value.reason == reason
    assert raised.value.remedy.startswith(remedy)
