"""Reads recordings of market data: a folder of frames and snapshots.

Layout of a recording: `frames.tsv` or `frames.tsv.gz`, one websocket text frame of a
combined stream a line as `<receipt ns> TAB <frame>`, in order of receipt; beside it
`<SYMBOL>.snapshot.json`, the body of a REST depth reply, for symbols that have one.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


SNAPSHOT_SUFFIX = ".snapshot.json"
_STREAM_PREFIX = b'{"stream":"'
_DATA_MARK = b'","data":'


class RecordingError(ValueError):
    """A recording is missing, unreadable or not in the layout."""


class Recording:
    """One recorded session on disk; reads lazily and keeps nothing in memory."""

    def __init__(self, folder: Path) -> None:
        """Check the folder without reading the frames.

        Raises:
            RecordingError: There is no such folder, or no frames in it.
        """
        if not folder.is_dir():
            message = f"recording {folder} is not a folder"
            raise RecordingError(message)
        self.folder = folder
        self.frames_path = self._find_frames(folder)
        self.snapshot_symbols = tuple(
            sorted(
                path.name.removesuffix(SNAPSHOT_SUFFIX)
                for path in folder.glob(f"*{SNAPSHOT_SUFFIX}")
            )
        )
        """Symbols, in capitals, whose REST depth body was recorded."""

    @staticmethod
    def _find_frames(folder: Path) -> Path:
        for name in ("frames.tsv", "frames.tsv.gz"):
            if (folder / name).is_file():
                return folder / name
        message = f"recording {folder} has neither frames.tsv nor frames.tsv.gz"
        raise RecordingError(message)

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield (receipt time in ns since 1970 UTC, frame as received), oldest first.

        Raises:
            RecordingError: The file cannot be read, holds no frame, or a line is not
                `<ns> TAB <frame>`; the message names the line.
        """
        number = 0
        try:
            with self._open() as file:
                for number, line in enumerate(file, start=1):
                    yield self._parse(number, line)
        except (OSError, EOFError, zlib.error) as error:
            message = f"cannot read {self.frames_path}: {error}"
            raise RecordingError(message) from error
        if number == 0:
            message = f"{self.frames_path} holds no frame"
            raise RecordingError(message)

    def _open(self) -> BinaryIO | gzip.GzipFile:
        if self.frames_path.suffix == ".gz":
            return gzip.open(self.frames_path, "rb")
        return self.frames_path.open("rb")

    def _parse(self, number: int, line: bytes) -> tuple[int, bytes]:
        receipt, tab, frame = line.rstrip(b"\r\n").partition(b"\t")
        if not (tab and frame and receipt.isdigit()):
            message = f"{self.frames_path} line {number}: expected '<ns> TAB <frame>'"
            raise RecordingError(message)
        return int(receipt), frame

    def snapshot(self, symbol: str) -> bytes | None:
        """Return the recorded REST depth body, byte for byte; None if there is none.

        Raises:
            RecordingError: The file is there and cannot be read.
        """
        path = self.folder / f"{symbol}{SNAPSHOT_SUFFIX}"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"cannot read {path}: {error}"
            raise RecordingError(message) from error


def split_frame(frame: bytes) -> tuple[str, bytes]:
    """Return (stream name, inner object byte for byte) of a combined frame.

    Raises:
        RecordingError: The frame is not `{"stream":"...","data":...}`.
    """
    mark = frame.find(_DATA_MARK)
    if not (frame.startswith(_STREAM_PREFIX) and mark > 0 and frame.endswith(b"}")):
        message = f"not a combined stream frame: {frame[:60]!r}"
        raise RecordingError(message)
    name = frame[len(_STREAM_PREFIX) : mark].decode("utf-8", "replace")
    return name, frame[mark + len(_DATA_MARK) : -1]
