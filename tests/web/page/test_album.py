"""Several photographs: kept, removed, colored alike, downloaded."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect
from skimage import data

from tests.web.conftest import Server, encoded
from tests.web.page.browser import (
    PATIENCE,
    REFERENCE,
    color_spot,
    drop,
    guidance_of,
    open_photograph,
    payload,
    shown,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow

CAMERA = data.camera()
FILL_DISK = """() => {
    const write = () => { throw new DOMException("full", "QuotaExceededError"); };
    FileSystemFileHandle.prototype.createWritable = async () => new WritableStream({ write });
}"""


def choose(page: Page, *names: str) -> None:
    """Give the page a photograph of each name, which differ."""
    files = []
    for at, name in enumerate(names):
        part = encoded(np.ascontiguousarray(CAMERA[at : at + 200, :200]), "png")
        files.append(payload(name, part, "image/png"))
    page.set_input_files("#files", files)


def wait_for_album(page: Page, count: int) -> None:
    patience = PATIENCE + 2000 * count
    expect(page.locator(".frame:not(.busy)")).to_have_count(count, timeout=patience)
    expect(page.locator("#working")).to_be_hidden()


def open_album(page: Page, *names: str) -> None:
    choose(page, *names)
    wait_for_album(page, len(names))


def canvases(server: Server) -> int:
    """How many photographs the server has open."""
    found = re.search(r"^colornet_canvases (\d+)", server.get("/metrics").text, re.MULTILINE)
    assert found
    return int(found[1])


def test_work_survives_a_reload(desktop: Page, server: Server) -> None:
    before = canvases(server)
    open_album(desktop, "one.png", "two.png")
    assert canvases(server) == before + 2
    color_spot(desktop, "teal", 0.8, 0.5)
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.8"))
    wait_for_change(desktop, lambda: desktop.set_input_files("#reference-file", [REFERENCE]))
    said, picture = guidance_of(desktop), shown(desktop)

    desktop.goto("about:blank")
    for _ in range(200):
        if canvases(server) == before:
            break
        desktop.wait_for_timeout(100)
    assert canvases(server) == before  # closing the page closes its canvases

    desktop.goto(server.url)
    wait_for_album(desktop, 2)
    expect(desktop.locator("#photo-title")).to_contain_text("one.png")
    expect(desktop.locator("#reference-thumb")).to_be_visible()
    assert guidance_of(desktop) == said
    assert np.array_equal(shown(desktop), picture)
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))  # it can be undone, too
    expect(desktop.locator("#reference-thumb")).to_be_hidden()
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#strength-value")).to_have_text("100 %")

    desktop.locator("#forget").click()  # Playwright answers with no
    expect(desktop.locator("#photo-title")).to_contain_text("one.png")
    desktop.once("dialog", lambda question: question.accept())
    desktop.locator("#forget").click()
    expect(desktop.locator("#welcome")).to_be_visible()
    expect(desktop.locator("#status")).to_have_text("Everything is forgotten")
    desktop.reload()
    expect(desktop.locator("#limits")).to_contain_text("megapixels")
    expect(desktop.locator("#welcome")).to_be_visible()


def test_a_look_is_given_to_others(desktop: Page) -> None:
    open_album(desktop, "one.png", "two.png", "three.png")
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    desktop.get_by_role("checkbox", name="Select three.png").check(force=True)
    desktop.get_by_role("button", name="Give this look to 1 selected").click()
    expect(desktop.locator("#status")).to_have_text("The look was applied to 1 of 1")
    desktop.keyboard.press("PageDown")
    expect(desktop.locator("#photo-title")).to_have_text("two.png · 2 of 3")
    expect(desktop.locator("#strength-value")).to_have_text("100 %")
    desktop.keyboard.press("PageDown")
    expect(desktop.locator("#photo-title")).to_have_text("three.png · 3 of 3")
    expect(desktop.locator("#strength-value")).to_have_text("50 %")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#strength-value")).to_have_text("100 %")


def test_a_look_is_offered_to_as_many_as_get_it(desktop: Page) -> None:
    """The photograph that lends it may be selected, too, and is none of them."""
    open_album(desktop, "one.png", "two.png", "three.png")
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    desktop.get_by_role("checkbox", name="All", exact=True).check()
    desktop.get_by_role("button", name="Give this look to 2 selected").click()
    expect(desktop.locator("#status")).to_have_text("The look was applied to 2 of 2")
    for name in ("two.png", "three.png"):
        desktop.get_by_role("checkbox", name=f"Select {name}").uncheck(force=True)
    expect(desktop.locator("#apply")).to_be_disabled()
    desktop.get_by_role("button", name="two.png", exact=True).click()
    expect(desktop.locator("#apply")).to_have_text("Give this look to 1 selected")
    expect(desktop.locator("#apply")).to_be_enabled()


def test_all_are_selected_at_once(desktop: Page) -> None:
    open_album(desktop, "one.png", "two.png", "three.png")
    every = desktop.get_by_role("checkbox", name="All", exact=True)
    for count in (3, 0):
        every.click()
        expect(desktop.locator("#frames input:checked")).to_have_count(count)
        expect(every).to_be_checked(checked=count == 3)
    desktop.get_by_role("checkbox", name="Select two.png").check(force=True)
    expect(every).to_be_checked(indeterminate=True)


def test_originals_out_of_sight_take_no_memory(desktop: Page) -> None:
    """Hundreds of them in full size would fill it."""
    desktop.route("**/canvases?*", lambda _: None)
    choose(desktop, *(f"{number}.png" for number in range(100)))
    first = desktop.locator("#frames img").first
    expect(first).to_have_js_property("naturalWidth", 200)
    loaded = "(all) => all.filter(({ naturalWidth }) => naturalWidth).length"
    assert desktop.locator("#frames img").evaluate_all(loaded) < 60
    desktop.locator("#frames img").last.scroll_into_view_if_needed()
    expect(desktop.locator("#frames img").last).to_have_js_property("naturalWidth", 200)
    desktop.unroute_all()


def test_removing_is_undone_and_cancels_an_upload(desktop: Page, server: Server) -> None:
    choose(desktop, "one.png")
    wait_for_color(desktop)
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    desktop.get_by_role("button", name="Remove one.png").click()
    expect(desktop.locator("#welcome")).to_be_visible()
    desktop.get_by_role("button", name="Undo", exact=True).last.click()
    wait_for_color(desktop)
    expect(desktop.locator("#strength-value")).to_have_text("50 %")

    before = canvases(server)
    session = desktop.context.new_cdp_session(desktop)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
    session.send("Network.emulateNetworkConditions", slow)
    noise = np.random.default_rng(0).integers(0, 256, (700, 700), np.uint8)
    with desktop.expect_request(re.compile(r"/api/v1/canvases\?turn=0&page=1$")):
        drop(desktop, encoded(noise, "png"), "large.png")
    with desktop.expect_event("requestfailed"):
        desktop.get_by_role("button", name="Remove large.png").click()
    expect(desktop.locator(".frame")).to_have_count(1)
    desktop.wait_for_timeout(300)
    assert canvases(server) == before
    expect(desktop.locator(".toast", has_text="large.png")).to_have_count(1)  # it was removed


def test_all_are_downloaded_and_what_failed_is_named(desktop: Any) -> None:
    desktop.keyboard.press("Escape")
    choose(desktop, "one.png", "One.png")
    drop(desktop, b"Dear diary", "diary.jpg")
    with desktop.expect_download() as download:  # at once: it waits for what is not yet in color
        desktop.locator("#save-all").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["one-color.png", "One-color 2.png"]
    expect(desktop.locator(".toast", has_text="diary.jpg")).to_contain_text("diary.jpg: left out. ")
    expect(desktop.locator("#status")).to_have_text("2 of 3 photographs downloaded")
    desktop.complaints.clear()  # the browser tells of the status 422 and of the picture


def test_the_same_message_is_shown_once(desktop: Any) -> None:
    diary = {"mimeType": "image/jpeg", "buffer": b"Dear diary"}
    # at once: of one that is shown before the next fails, no message stays
    desktop.set_input_files("#files", [{"name": f"diary{n}.jpg", **diary} for n in range(4)])
    expect(desktop.locator(".frame.failed")).to_have_count(4)
    expect(desktop.locator(".toast")).to_have_count(1)
    desktop.complaints.clear()  # the browser tells of the status 422 and of the picture


def test_the_original_is_seen_while_a_key_is_held(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.keyboard.down("o")
    expect(desktop.locator("#after")).to_be_hidden()
    desktop.keyboard.down("Shift")  # the key is another one by its name then
    desktop.keyboard.up("o")
    expect(desktop.locator("#after")).to_be_visible()
    desktop.keyboard.up("Shift")


def drop_folder(page: Page, folder: Path) -> None:
    session = page.context.new_cdp_session(page)
    for event in ("dragEnter", "dragOver", "drop"):
        dragged = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
        place = {"type": event, "x": 200, "y": 200, "data": dragged}
        session.send("Input.dispatchDragEvent", place)


def test_a_folder_is_dropped(desktop: Page, tmp_path: Path) -> None:
    album = tmp_path / "album"
    (album / "older").mkdir(parents=True)
    for name in ("2.png", "10.png", "older/1.png"):
        (album / name).write_bytes(encoded(CAMERA[:60, :60], "png"))
    (album / "list.txt").write_text("of photographs")
    drop_folder(desktop, album)
    wait_for_album(desktop, 3)
    names = [frame.get_attribute("title") for frame in desktop.locator(".frame").all()]
    assert names == ["2.png", "10.png", "1.png"]


def test_a_folder_without_photographs_says_so(desktop: Page, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "list.txt").write_text("of photographs")
    drop_folder(desktop, tmp_path / "letters")
    expect(desktop.locator(".toast")).to_contain_text("letters: holds no photographs or films")


def test_what_cannot_be_read_of_a_folder_is_told(desktop: Page, tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "3.png"):
        (tmp_path / name).write_bytes(encoded(CAMERA[:60, :60], "png"))
    desktop.evaluate("""() => {
        const { webkitGetAsEntry } = DataTransferItem.prototype;
        DataTransferItem.prototype.webkitGetAsEntry = function () {
            const folder = webkitGetAsEntry.call(this);
            const reader = Object.getPrototypeOf(folder.createReader());
            const { readEntries } = reader;
            reader.readEntries = function (take, refuse) {
                readEntries.call(this, (found) => {
                    const second = found.find(({ name }) => name === "2.png");
                    const denied = new DOMException("", "NotReadableError");
                    if (second) second.file = (_, refuseFile) => refuseFile(denied);
                    take(found);
                }, refuse);
            };
            return folder;
        };
    }""")
    drop_folder(desktop, tmp_path)
    wait_for_album(desktop, 2)
    expect(desktop.locator(".toast")).to_contain_text("2.png: cannot be read.")


def test_a_project_is_saved_and_opened(desktop: Page, tmp_path: Path) -> None:
    open_album(desktop, "one.png", "two.png")
    color_spot(desktop, "teal", 0.8, 0.5)
    wait_for_change(desktop, lambda: desktop.set_input_files("#reference-file", [REFERENCE]))
    said, picture = guidance_of(desktop), shown(desktop)
    with desktop.expect_download() as download:
        desktop.get_by_role("button", name="Save project").click()
    assert download.value.suggested_filename == "album.colornet"
    project = tmp_path / "album.colornet"
    download.value.save_as(project)
    with zipfile.ZipFile(project) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[:2] == ["project.json", "files/0001 one.png"]
    desktop.once("dialog", lambda question: question.accept())
    desktop.locator("#forget").click()
    expect(desktop.locator("#welcome")).to_be_visible()

    desktop.set_input_files("#files", [project])
    wait_for_album(desktop, 2)
    expect(desktop.locator("#photo-title")).to_have_text("one.png · 1 of 2")
    assert guidance_of(desktop) == said
    assert np.array_equal(shown(desktop), picture)
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#reference-thumb")).to_be_hidden()

    damaged = tmp_path / "damaged.colornet"
    damaged.write_bytes(project.read_bytes()[:-40])
    desktop.set_input_files("#project-file", [damaged])
    told = desktop.locator(".toast", has_text="damaged.colornet: is not a project")
    expect(told).to_be_visible()


def test_a_damaged_project_is_refused(desktop: Page, tmp_path: Path) -> None:
    state = {"guidance": {"version": 1}, "turn": 0}
    right = {"file": "files/1", "at": 0, "past": [state]}
    wrong: list[dict[str, Any]] = [
        {"past": []},
        {"past": None},
        {"past": [{**state, "guidance": None}]},
        {"past": [{**state, "reference": 2}]},
        {"past": [{**state, "turn": 45}]},
        {"past": [{**state, "page": 0}]},
        {"past": [{**state, "aside": {"2": {"turn": 45}}}]},
        {"past": [{**state, "aside": {"2": {"turn": 0, "hints": [1]}}}]},
        {"at": "x"},
        {"at": 1},
        {"file": "no.png"},
    ]
    indexes = [json.dumps({"version": 1, "photographs": [{**right, **one}]}) for one in wrong]
    hint = {"points": [[0.5, 0.5]], "unit": "fractions", "color": "red"}
    for at in (-1, 1.5, "first"):
        said = {"guidance": {"version": 1, "hints": [{**hint, "at": at}]}, "turn": 0}
        shots = [{"index": 0, "at": 0, "past": [said]}]
        film = {"file": "files/1", "index": 0, "shots": shots}
        indexes.append(json.dumps({"version": 1, "photographs": [], "films": [film]}))
    desktop.evaluate("() => { window.setTimeout = () => 0; }")  # a busy machine may take its time
    empty = ['{"version": 1, "photographs": []}', '{"version": 1, "photographs": [null]}', "{}"]
    project = tmp_path / "mine.COLORNET"
    for index in [*indexes, *empty, "null", "{"]:
        with zipfile.ZipFile(project, "w") as archive:
            archive.writestr("project.json", index)
            archive.writestr("files/1", encoded(CAMERA[:60, :60], "png"))
        desktop.set_input_files("#files", [project])
        expect(desktop.locator(".toast")).to_have_text(
            "mine.COLORNET: is damaged and cannot be opened."
        )
        desktop.get_by_role("button", name="Dismiss").click()
        expect(desktop.locator("#welcome")).to_be_visible()
    with zipfile.ZipFile(project, "w") as archive:
        archive.writestr("project.json", json.dumps({"version": 1, "photographs": [right]}))
        archive.writestr("files/1", encoded(CAMERA[:60, :60], "png"))
    desktop.set_input_files("#files", [project])
    wait_for_album(desktop, 1)


def test_results_stay_in_their_folder_whatever_a_project_calls_its_files(
    desktop: Page, tmp_path: Path
) -> None:
    """A project may come from anybody, and a program that unpacks a ZIP may follow its names."""
    project, past = tmp_path / "given.colornet", [{"guidance": {"version": 1}, "turn": 0}]
    names = ["../../up.png", "/root.png", "..\\..\\up.png", "\u00e9.png", "e\u0301.png"]
    files = [f"files/000{k} {name}" for k, name in enumerate(names)]
    photographs = [{"file": file, "at": 0, "past": past} for file in files]
    with zipfile.ZipFile(project, "w") as archive:
        archive.writestr("project.json", json.dumps({"version": 1, "photographs": photographs}))
        for file in files:
            archive.writestr(file, encoded(CAMERA[:60, :60], "png"))
    desktop.set_input_files("#files", [project])
    wait_for_album(desktop, 5)
    with desktop.expect_download() as download:
        desktop.evaluate("document.querySelector('#save-all').click()")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == [
            *(".._.._up-color.png", "_root-color.png", ".._.._up-color 2.png"),
            *("\u00e9-color.png", "e\u0301-color 2.png"),  # one name to some file systems
        ]


def test_a_reference_of_a_photograph_that_was_removed_is_not_kept(desktop: Page) -> None:
    open_album(desktop, "one.png")
    held: list[Route] = []
    desktop.route("**/canvases?*", lambda route: held.append(route), times=1)
    with desktop.expect_request("**/canvases?*"):
        desktop.set_input_files("#reference-file", [REFERENCE])
    desktop.get_by_role("button", name="Remove one.png").click()
    with desktop.expect_response("**/canvases?*"):
        held[0].continue_()
    desktop.wait_for_timeout(500)
    kept = """async () => {
        const answer = (request) => new Promise((resolve) => {
            request.onsuccess = () => resolve(request.result);
        });
        const database = await answer(indexedDB.open("colornet"));
        const states = database.transaction("states").objectStore("states");
        return answer(states.getAllKeys());
    }"""
    assert desktop.evaluate(kept) == []


def test_two_that_were_removed_are_brought_back(desktop: Page) -> None:
    open_album(desktop, "one.png", "two.png", "three.png")
    desktop.evaluate("() => { window.setTimeout = () => 0; }")  # a busy machine may take its time
    desktop.get_by_role("button", name="Remove one.png").click()
    desktop.get_by_role("button", name="Remove two.png").click()
    expect(desktop.locator(".frame")).to_have_count(1)
    for name in ("one.png", "two.png"):
        message = desktop.locator(".toast", has_text=f"{name}: Removed.")
        message.get_by_role("button", name="Undo").click()
    wait_for_album(desktop, 3)
    names = [frame.get_attribute("title") for frame in desktop.locator(".frame").all()]
    assert sorted(map(str, names)) == ["one.png", "three.png", "two.png"]


def test_all_are_removed_though_one_is_broken(desktop: Page) -> None:
    open_album(desktop, "one.png", "two.png")
    desktop.evaluate("() => { URL.revokeObjectURL = () => { throw new Error('broken'); }; }")
    desktop.once("dialog", lambda question: question.accept())
    desktop.locator("#forget").click()
    expect(desktop.locator("#welcome")).to_be_visible()
    desktop.reload()
    expect(desktop.locator("#limits")).to_contain_text("megapixels")
    expect(desktop.locator("#welcome")).to_be_visible()


def test_a_photograph_is_turned_again_while_it_is_opened(desktop: Any) -> None:
    drop(desktop, encoded(np.ascontiguousarray(CAMERA[:120, :200]), "png"))
    wait_for_album(desktop, 1)
    held: list[Any] = []
    first = re.compile(r"/canvases\?turn=90&page=1$")
    desktop.route(first, lambda route: held.append(route))
    with desktop.expect_request(first):
        desktop.get_by_role("button", name="Turn right").click()
    wait_for_change(desktop, lambda: desktop.get_by_role("button", name="Turn right").click())
    wait_for_album(desktop, 1)
    with desktop.expect_request(lambda request: request.method == "DELETE"):
        held[0].continue_()
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    assert shown(desktop).shape == (120, 200, 3)
    desktop.complaints.clear()  # the browser tells of the canvas that the turn had closed


def test_results_are_saved_into_a_folder(desktop: Page) -> None:
    desktop.evaluate("window.showDirectoryPicker = () => navigator.storage.getDirectory()")
    open_album(desktop, "one.png", "two.png")
    for _ in range(2):  # the second time, nothing is replaced
        desktop.get_by_role("button", name="Save all into a folder").click()
        expect(desktop.locator("#status")).to_have_text("2 of 2 photographs downloaded")
        desktop.evaluate("document.querySelector('#status').textContent = ''")
        expect(desktop.locator(".toast")).to_have_text("2 of 2 photographs downloaded.")
        desktop.locator(".toast").get_by_role("button", name="Dismiss").click()
    names = desktop.evaluate(
        """async () => {
            const folder = await navigator.storage.getDirectory();
            const names = [];
            for await (const [name, handle] of folder.entries()) {
                const isFull = handle.kind === 'file' && (await handle.getFile()).size > 1000;
                if (isFull) names.push(name);
            }
            return names.sort();
        }"""
    )
    assert names == ["one-color 2.png", "one-color.png", "two-color 2.png", "two-color.png"]


def test_what_is_left_out_of_a_folder_is_named(desktop: Any) -> None:
    """Nothing is said of a ZIP, which there is none of."""
    desktop.evaluate("window.showDirectoryPicker = () => navigator.storage.getDirectory()")
    choose(desktop, "one.png")
    drop(desktop, b"Dear diary", "diary.jpg")
    expect(desktop.locator(".frame.failed")).to_have_count(1)
    desktop.get_by_role("button", name="Save all into a folder").click()
    expect(desktop.locator("#status")).to_have_text("1 of 2 photographs downloaded")
    told = desktop.locator(".toast", has_text="diary.jpg: left out. ")
    expect(told).not_to_contain_text("ZIP")
    desktop.complaints.clear()  # the browser tells of the status 422 and of the picture


def test_a_full_disk_leaves_no_empty_file_in_a_folder(desktop: Page) -> None:
    desktop.evaluate("window.showDirectoryPicker = () => navigator.storage.getDirectory()")
    open_album(desktop, "one.png", "two.png")
    desktop.evaluate(FILL_DISK)
    desktop.get_by_role("button", name="Save all into a folder").click()
    expect(desktop.locator(".toast")).to_have_text("full")
    names = """async () => {
        const folder = await navigator.storage.getDirectory();
        return (await Array.fromAsync(folder.keys())).filter((name) => name.endsWith(".png"));
    }"""
    assert desktop.evaluate(names) == []


def test_a_file_that_the_browser_refuses_to_save(desktop: Page) -> None:
    """Browsers check what is saved; a refusal is an abort to them, as if the user had done it."""
    open_album(desktop, "one.png", "two.png")
    save = desktop.get_by_role("button", name="Save all into a folder")
    desktop.evaluate("""() => {
        const abort = () => { throw new DOMException("aborted", "AbortError"); };
        window.showDirectoryPicker = async () => abort();
        const made = async () => new WritableStream({ close: abort });
        FileSystemFileHandle.prototype.createWritable = made;
    }""")
    save.click()  # and no folder is chosen
    expect(save).not_to_have_attribute("aria-disabled", "true")
    expect(desktop.locator(".toast")).to_have_count(0)
    desktop.evaluate("window.showDirectoryPicker = () => navigator.storage.getDirectory()")
    save.click()
    expect(desktop.locator(".toast")).to_contain_text("This browser refuses to save one-color.png")


def test_a_full_disk_keeps_nobody_from_downloading(desktop: Page) -> None:
    open_album(desktop, "one.png", "two.png")
    desktop.evaluate(FILL_DISK)
    with desktop.expect_download() as download:
        desktop.get_by_role("button", name="Download all as ZIP").click()
    expect(desktop.locator("#status")).to_have_text("2 of 2 photographs downloaded")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["one-color.png", "two-color.png"]
        assert archive.testzip() is None
    with desktop.expect_download() as download:
        desktop.get_by_role("button", name="Save project").click()
    expect(desktop.locator(".toast")).to_have_text("Project saved.")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 3
