import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.replay.recordings import Recording, RecordingError, split_frame


FRAME = b'{"stream":"btcusdt@trade","data":{"e":"trade"}}'
LINES = b"1\t" + FRAME + b"\n2\t" + FRAME + b"\n"


def write_plain(folder: Path, content: bytes) -> None:
    (folder / "frames.tsv").write_bytes(content)


def write_packed(folder: Path, content: bytes) -> None:
    (folder / "frames.tsv.gz").write_bytes(gzip.compress(content))


@pytest.mark.parametrize("write", [write_plain, write_packed])
def test_frames_come_with_their_receipt_times(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    write(tmp_path, LINES)

    assert list(Recording(tmp_path).frames()) == [(1, FRAME), (2, FRAME)]


def test_snapshots_are_found_by_symbol_and_read_byte_for_byte(tmp_path: Path) -> None:
    write_plain(tmp_path, LINES)
    (tmp_path / "BTCUSDT.snapshot.json").write_bytes(b'{"lastUpdateId":1}')

    recording = Recording(tmp_path)

    assert recording.snapshot_symbols == ("BTCUSDT",)
    assert recording.snapshot("BTCUSDT") == b'{"lastUpdateId":1}'
    assert recording.snapshot("ETHUSDT") is None


def test_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not a folder"):
        Recording(tmp_path / "nothing")


def test_folder_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="neither"):
        Recording(tmp_path)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "holds no frame"),
        (b"1\t{}\nnonsense\n", "line 2"),
        (b"x\t{}\n", "line 1"),
        (b"1\t\n", "line 1"),
    ],
)
def test_malformed_frames_are_refused_with_their_line(
    tmp_path: Path, content: bytes, text: str
) -> None:
    write_plain(tmp_path, content)

    with pytest.raises(RecordingError, match=text):
        list(Recording(tmp_path).frames())


@pytest.mark.parametrize("cut", [slice(0, 30), slice(5, None)])
def test_damaged_packing_is_refused(tmp_path: Path, cut: slice) -> None:
    (tmp_path / "frames.tsv.gz").write_bytes(gzip.compress(LINES * 50)[cut])

    with pytest.raises(RecordingError, match="cannot read"):
        list(Recording(tmp_path).frames())


def test_combined_frame_is_split_without_touching_its_bytes() -> None:
    assert split_frame(FRAME) == ("btcusdt@trade", b'{"e":"trade"}')


@pytest.mark.parametrize("frame", [b"{}", b'{"stream":"a@trade"}', b"nonsense"])
def test_frame_that_is_not_combined_is_refused(frame: bytes) -> None:
    with pytest.raises(RecordingError, match="not a combined"):
        split_frame(frame)
