"""A frame's bytes on the network are what any websocket library would have made of its text."""

import pytest
from websockets.frames import Frame as Reference
from websockets.frames import Opcode

from sessions_app.live.watched import Frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 600_000])
@pytest.mark.parametrize("letter", ["x", "ø"])
def test_a_frame_is_framed_as_the_protocol_says(size, letter):
    text = letter * size
    expected = Reference(Opcode.TEXT, text.encode()).serialize(mask=False)
    frame = Frame(text, 1)
    assert frame.wire == expected
    assert frame.wire is frame.wire
