import inspect
import pickle

import pytest

from colornet import errors

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
