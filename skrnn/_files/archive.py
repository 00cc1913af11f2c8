"""A zip of JSON and arrays: written atomically, read without trust."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np

_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*\.(json|npy)")
_LARGEST_NPY_HEADER = 1024

# What a zip begins with, and where in it the name of the first member is.
_ZIP_MAGIC, _ZIP_HEADER = b"PK\3\4", 30


def write_archive(
    path: str | os.PathLike, documents: dict[str, Any], arrays: dict[str, np.ndarray]
) -> None:
    """Write documents and arrays into a new file, which takes its name when it is complete.

    Parameters
    ----------
    path : str or path-like
        Where to write. A file that is there is replaced.
    documents : dict of str to object
        What becomes JSON, by the name of its member.
    arrays : dict of str to ndarray
        What becomes ``.npy``, by the name of its member.
    """
    with _replacing(Path(path)) as file, ZipFile(file, "w", ZIP_STORED) as archive:
        for name, document in documents.items():
            text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
            # Words may hold lone surrogates, which plain UTF-8 refuses.
            archive.writestr(_info(name), text.encode("utf-8", "surrogatepass"))
        for name, array in arrays.items():
            if array.dtype.kind not in "fiu":
                raise ValueError(f"{name}: the npy format has no dtype {array.dtype}.")
            info = _info(name)
            info.file_size = array.nbytes  # from 2 GB on the zip needs a wider header
            with archive.open(info, "w") as member:
                np.lib.format.write_array(member, _portable(array), (1, 0), allow_pickle=False)


class ArchiveReader:
    """Reads what `write_archive` wrote, and refuses everything else with a ValueError.

    Nothing is ever decompressed and no member overlaps another, so all that is read is
    no larger than the file.

    Parameters
    ----------
    file : file object
        Opened for reading in binary mode.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._zip = ZipFile(file)
        members = self._zip.infolist()
        self._unread: dict[str, ZipInfo] = {}
        for info in members:
            # zipfile cuts ``filename`` at a NUL character.
            if not _NAME.fullmatch(info.orig_filename):
                raise ValueError(f"the name of the member {info.orig_filename!r} is not allowed")
            if info.filename in self._unread:
                raise ValueError(f"the member {info.filename} is there twice")
            if info.compress_type != ZIP_STORED or info.compress_size != info.file_size:
                raise ValueError(f"the member {info.filename} is compressed")
            self._unread[info.filename] = info
        if sum(info.file_size for info in members) > os.fstat(file.fileno()).st_size:
            raise ValueError("its members together are larger than the file")

    def document(self, name: str) -> Any:
        """Return a JSON document."""
        return json.loads(self._zip.read(self._take(name)).decode("utf-8", "surrogatepass"))

    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Return a read-only array, which must have this shape and dtype."""
        info = self._take(name)
        dtype = dtype.newbyteorder("<")
        if dtype.hasobject:  # whose bytes would be taken for addresses
            raise ValueError(f"{name} holds objects")
        size = math.prod(shape) * dtype.itemsize
        wrong = f"{name} is not an array of shape {shape} and dtype {dtype.name}"
        if not size < info.file_size <= size + _LARGEST_NPY_HEADER:
            raise ValueError(wrong)
        content = self._zip.read(info)
        stream = BytesIO(content)
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError(wrong)
        header = np.lib.format.read_array_header_1_0(stream, max_header_size=_LARGEST_NPY_HEADER)
        if header != (shape, False, dtype) or len(content) - stream.tell() != size:
            raise ValueError(wrong)
        return np.ndarray(shape, dtype, content, stream.tell())

    def check_all_read(self) -> None:
        """Raise a ValueError where the file has members that were not read."""
        if self._unread:
            raise ValueError(f"the member {next(iter(self._unread))} is unexpected")

    def _take(self, name: str) -> ZipInfo:
        if name not in self._unread:
            raise ValueError(f"the member {name} is missing")
        return self._unread.pop(name)


def begins_with(file: BinaryIO, name: str) -> bool:
    """Return whether a file begins as `write_archive` begins one whose first member has a name.

    A file may have been cut off, even before its first byte.
    """
    head = file.read(_ZIP_HEADER + len(name))
    file.seek(0)
    return (_ZIP_MAGIC + name.encode()).startswith(head[:4] + head[_ZIP_HEADER:])


def _aside(path: Path) -> str:
    """Return what the names of unfinished files begin with; most systems allow 255 bytes."""
    name = os.fsencode(path.name)
    return f".{name[:200].decode(errors='ignore')}.{sha256(name).hexdigest()[:8]}."


def remove_unfinished(path: str | os.PathLike) -> None:
    """Remove what a process left beside ``path`` that was killed while it wrote."""
    path = Path(path)
    for entry in os.scandir(path.parent):
        if re.fullmatch(rf"{re.escape(_aside(path))}[0-9a-f]{{16}}", entry.name):
            Path(entry.path).unlink(missing_ok=True)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside ``path`` that replaces it once everything is on the disk."""
    path = Path(os.path.realpath(path))  # a link goes on leading to the file
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(f"{str(path)!r} is neither a file nor a folder, and is not replaced.")
    aside = path.with_name(_aside(path) + secrets.token_hex(8))
    try:
        with aside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, aside)  # a private file stays private
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _info(name: str) -> ZipInfo:
    """Describe a member without the time: equal content gives equal files."""
    info = ZipInfo(name)
    info.external_attr = 0o644 << 16
    return info


def _portable(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")
