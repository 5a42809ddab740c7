"""LZW data, as TIFF stores them (TIFF 6.0, section 13)."""

from __future__ import annotations

CLEAR, END, FIRST = 256, 257, 258
"""Codes that empty the table and end the data, and the first one of a string in the table."""
NARROWEST, WIDEST = 9, 12
"""Bits of a code."""
BYTES = tuple(range(256))


def adds_a_string_twice(data: bytes) -> bool:
    """Whether a string is added to the table that is in it already, as no encoder does.

    An encoder writes the code of the longest string that the table has; so what it adds, that
    string and the byte behind it, is always new. Data that were changed give this away soon.
    """
    width, held, bits = NARROWEST, 0, 0
    firsts = list(BYTES)  # the first byte of each string
    known: set[tuple[int, int]] = set()  # code of a string, and the byte that was added to it
    previous = -1
    for byte in data:
        held, bits = held << 8 | byte, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & ((1 << bits) - 1)
        if code == END:
            return False
        if code == CLEAR:
            width, previous = NARROWEST, -1
            firsts = [*BYTES, -1, -1]
            known.clear()
            continue
        count = len(firsts)
        if code > count or (previous < 0 and code > CLEAR) or count < FIRST:
            return False  # in another form of LZW; or damaged so that libtiff reports it
        if previous >= 0 and count < 1 << WIDEST:
            added = previous, firsts[code] if code < count else firsts[previous]
            if added in known:
                return True
            known.add(added)
            firsts.append(firsts[previous])
            if count + 1 >= (1 << width) - 1 and width < WIDEST:
                width += 1
        previous = code
    return False
