"""`Window`: what a person does in a browser that Playwright does not drive as users have it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import Any

SECONDS = 60
Point = tuple[float, float]


class Window(ABC):
    """A window of a browser that is spoken to by one of the two WebDriver protocols."""

    @abstractmethod
    def go(self, url: str) -> None:
        """Open an address, or open it anew."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Give the page this size, or the window it."""

    @abstractmethod
    def run(self, function: str, *values: Any) -> Any:
        """What a function of JavaScript gives for these values."""

    @abstractmethod
    def act(self, source: dict[str, Any]) -> None:
        """Let an input source, as both protocols describe one, do something."""

    @abstractmethod
    def complaints(self) -> list[str]:
        """The errors that the page told of."""

    def wait(self, condition: str, *values: Any) -> None:
        """Wait until a function of JavaScript gives something true."""
        deadline = time.monotonic() + SECONDS
        while not self.run(condition, *values):
            assert time.monotonic() < deadline, condition
            time.sleep(0.05)

    def drag(self, *points: Point) -> None:
        """Press the mouse's button at the first point, and let it go at the last one."""
        moves: list[dict[str, Any]] = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 60} for x, y in points
        ]
        down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        actions = [moves[0], down, *moves[1:], up]
        self.act({"type": "pointer", "id": "mouse", "actions": actions})

    def click(self, selector: str) -> None:
        """Click the middle of an element."""
        box = self.run(
            """(selector) => {
                const element = document.querySelector(selector);
                element.scrollIntoView({ block: "nearest" });
                const { x, y, width, height } = element.getBoundingClientRect();
                return [x + width / 2, y + height / 2];
            }""",
            selector,
        )
        self.drag(tuple(box))

    def press(self, key: str) -> None:
        """Press a key."""
        strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keyboard", "actions": strokes})
