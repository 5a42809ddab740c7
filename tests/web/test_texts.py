"""The texts of the page: each in every language, with the same places for values, and used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from colornet.web.app import STATIC

HEAD = "export default "


def read(file: Path) -> dict[str, Any]:
    """The texts in a file."""
    try:
        texts: dict[str, Any] = json.loads(file.read_text("utf-8").removeprefix(HEAD).rstrip(";\n"))
    except ValueError as error:
        raise ValueError(f"{file}: is not JSON behind {HEAD!r}: {error}") from None
    return texts


TEXTS = {file.stem: read(file) for file in STATIC.glob("texts/*.js")}
ENGLISH = TEXTS["en"]
OTHERS = sorted(TEXTS.keys() - {"en"})
SCRIPTS = {
    file: file.read_text("utf-8")
    for file in STATIC.glob("js/**/*.js")
    if "vendor" not in file.parts
}
MARKUP = "".join(file.read_text("utf-8") for file in STATIC.glob("*.html"))


def forms(text: str | dict[str, str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def places(text: str | dict[str, str]) -> set[str]:
    return {name for form in forms(text) for name in re.findall(r"\{(\w+)\}", form)}


def test_the_languages_are_those_of_the_switch() -> None:
    listed = re.search(r"TEXTS = \{(.*?)\}", SCRIPTS[STATIC / "js/texts.js"])
    assert listed
    assert set(listed[1].replace(",", " ").split()) == TEXTS.keys()
    names = [texts["language"] for texts in TEXTS.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing(language: str) -> None:
    texts = dict(TEXTS[language])
    names = texts.pop("colors", {})
    missing, unknown = ENGLISH.keys() - texts.keys(), texts.keys() - ENGLISH.keys()
    assert not missing, f"texts/{language}.js has no {', '.join(sorted(missing))}"
    assert not unknown, f"texts/en.js has no {', '.join(sorted(unknown))}"
    differ = [key for key, text in texts.items() if places(text) != places(ENGLISH[key])]
    assert not differ
    plural = {key: type(text) for key, text in ENGLISH.items()}
    assert {key: type(text) for key, text in texts.items()} == plural
    assert all(form.strip() == form != "" for text in texts.values() for form in forms(text))
    assert names.keys() == color_names(), f'"colors" in texts/{language}.js'
    assert len(set(names.values())) == len(names)


def color_names() -> set[str]:
    names = re.search(r"const NAMES = \{(.*?)\}", SCRIPTS[STATIC / "js/color-names.js"], re.DOTALL)
    assert names
    return set(re.findall(r'"(.*?)":', names[1]))


def test_every_text_that_is_used_is_there_and_none_besides() -> None:
    used = set(re.findall(r'data-t(?:-[\w-]+)?="([^"]+)"', MARKUP))
    called = "".join(SCRIPTS.values())
    literal = set(re.findall(r'"([a-z]+(?:\.[\w-]+)?)"', called)) & ENGLISH.keys()
    first = set(re.findall(r'\bt\("([^"]+)"', called))
    assert used | first <= ENGLISH.keys()
    made = [  # such as t(`stage.${work}`)
        re.compile(re.sub(r"\\\$\\\{.*?\\\}", r"[\\w-]+", re.escape(key)) + "$")
        for key in re.findall(r"(?:\bt|hasText)\(`([^`]+)`", called)
    ]
    unused = {key for key in ENGLISH.keys() - used - literal if not any(m.match(key) for m in made)}
    assert not unused


def test_the_page_says_nothing_that_is_not_among_the_texts() -> None:
    """No words stand in the markup or the scripts themselves."""
    page = (STATIC / "index.html").read_text("utf-8")
    body = re.sub(r"<noscript.*?</noscript>", "", page)
    words = re.findall(r">\s*([^<>\s][^<>]*?)\s*<", body.split("<body>")[1])
    words = [word for word in words if not re.fullmatch(r"\d\d", word)]  # qualities
    keys = {"+", "\N{MINUS SIGN}", "0", "1", "[", "]", *"BCDMOSUVZ"}
    assert set(words) <= {"colornet", "100 %", "JPEG", "PNG", "WebP", "AVIF", "TIFF"} | keys
    titles = re.findall(r'(?<!data-t-)\b(?:title|aria-label|placeholder|alt)="([^"]+)"', body)
    assert set(titles) <= {"colornet"}
    told = re.compile(
        r'(?:toast|announce|confirm|new Error)\((?:"|`[^$])|textContent = (?:"[A-Z]|`[A-Z])'
    )
    docs = STATIC / "js/docs.js"  # the description of the API, which is English
    assert not [file.name for file, text in SCRIPTS.items() if file != docs and told.search(text)]
