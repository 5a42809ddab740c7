"""Notices, as data and as warnings."""

import pytest

from colornet.notices import ColornetWarning, Notice, warn


def test_notice_reads_as_a_line() -> None:
    assert str(Notice("too-dark", "is nearly black", "scan.tif")) == "scan.tif: is nearly black"
    assert str(Notice("busy", "another run is at work")) == "another run is at work"


def test_warning_names_the_line_that_called() -> None:
    def public() -> None:
        warn([Notice("too-dark", "is nearly black", "scan.tif")])

    with pytest.warns(ColornetWarning, match=r"^scan.tif: is nearly black$") as told:
        public()
    assert [warning.filename for warning in told] == [__file__]
