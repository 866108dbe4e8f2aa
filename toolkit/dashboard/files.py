"""Routes for files: uploads, downloads, figures, small pictures, digit sets."""

from __future__ import annotations

import asyncio
import gzip
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from toolkit.apart import ApartError
from toolkit.experiments import WorkspaceError, check_id, write_recipe
from toolkit.formats import WRITABLE, dumps
from toolkit.palette import as_maps, compose
from toolkit.pictures import to_png
from toolkit.studio import learning
from toolkit.studio.digitfile import FEWER, DigitFiles
from toolkit.studio.figures import KINDS, Figures
from toolkit.studio.notices import Notice
from toolkit.studio.studio import Studio
from toolkit.studio.uploads import MOST_BYTES

Endpoint = Callable[[Request], Awaitable[Response]]
MARK = "x-weight-maps"
"""A header that the page's own script sends and a form of another site cannot."""
_RECIPES = {"recipe": False, "history": True}
"""What a recipe is called in a download: as it is in force, or with what was undone and when."""
_BACK = "back"
"""What the form is called in a download that the network's file came in."""
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_UNSEEN = {"Cache-Control": "no-store"}
_SHOWN_MAPS = 16
SILENCE_SECONDS = 30.0
"""In which an upload has to bring :data:`_LEAST_BYTES`, or end; else it is given up."""
_LEAST_BYTES = 1 << 20
_IN_MEMORY = 1 << 20
_MOST_ARRIVING = 32
_MOST_BEING_READ = 8
READERS = ThreadPoolExecutor(max_workers=_MOST_BEING_READ, thread_name_prefix="files")
"""Where files wait for the process that reads them, so that no stroke waits behind a file."""
_MAKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="downloads")
"""Where what is downloaded is made, for the same reason."""
_PACKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="digits")
"""Where digit sets are compressed, the first time that a page asks for one."""
_PIECE_BYTES = 1 << 18
_MOST_BEING_DRAWN = 16
DRAWERS = ThreadPoolExecutor(max_workers=_MOST_BEING_DRAWN, thread_name_prefix="figures")
"""Where figures wait for the process that draws them."""


class Files:
    """The endpoints, each on its own studio's work.

    Parameters
    ----------
    studio : callable
        Gives the server's studio.
    figures : Figures
        What pages offer to have drawn.
    """

    def __init__(self, studio: Callable[[], Studio], figures: Figures) -> None:
        self._studio = studio
        self._figures = figures
        self._digit_files = DigitFiles()
        self._arriving = self._being_read = self._being_drawn = 0

    async def upload(self, request: Request) -> Response:
        """Take a file, a piece at a time, and open it."""
        asked = request.query_params
        name = asked.get("name", "file")[:80]
        if MARK not in request.headers:
            return _problem(Notice("upload-failed", {"file": name, "text": "not allowed"}), 403)
        size = request.headers.get("content-length", "0")
        if not size.isdigit() or int(size) > MOST_BYTES:
            return _problem(_too_large(name), 413)
        if self._arriving >= _MOST_ARRIVING or self._being_read >= _MOST_BEING_READ:
            return _problem(Notice("uploads-busy", {"file": name}), 503)
        self._arriving += 1
        # Never whole in memory: a large one goes to the disk as it comes, and is gone once closed.
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        try:
            if not await _receive(request, file):
                return _problem(_too_large(name), 413)
            self._being_read += 1
            try:
                return await _in_thread(self._open, file, name, asked.get("client", ""),
                                        asked.get("kind") == "picture", among=READERS)  # fmt: skip
            finally:
                self._being_read -= 1
        except ClientDisconnect:
            return Response(status_code=499)
        except TimeoutError:
            text = f"too little came in {SILENCE_SECONDS:g} seconds; send it again"
            return _problem(Notice("upload-failed", {"file": name, "text": text}), 408)
        except OSError as error:
            text = f"could not be received: {error.strerror or error}"
            return _problem(Notice("upload-failed", {"file": name, "text": text}), 503)
        finally:
            self._arriving -= 1
            file.close()

    def _open(self, file: BinaryIO, name: str, client: str, picture: bool) -> Response:
        visit = self._studio().visit_of(client)
        try:
            if not picture:
                return JSONResponse({"experiment": self._studio().upload(file, name, visit)})
            self._studio().show_picture(file, name, visit)
        except WorkspaceError as error:
            fields = {"code": error.code, "text": str(error)}
            return _problem(Notice("unsaved", fields, "error"), 503)
        except ApartError as error:
            if error.code == "busy":
                return _problem(Notice("uploads-busy", {"file": name}), 503)
            return _problem(Notice("upload-failed", {"file": name, "text": str(error)}), 422)
        except (ValueError, OSError) as error:
            return _problem(Notice("upload-failed", {"file": name, "text": str(error)}), 422)
        return JSONResponse({"shown": True})

    async def download(self, request: Request) -> Response:
        """Serve an experiment's network in a file of some format, or its recipe."""
        return await _in_thread(
            self._download, request.path_params["id"], request.query_params.get("what", ".npz")
        )

    def _download(self, id: str, what: str) -> Response:
        try:
            experiment = self._studio().experiment(check_id(id))
            network = experiment.network
            if what in _RECIPES:
                data = write_recipe(experiment, everything=_RECIPES[what]).encode()
                suffix = "recipe.toml"
            elif what in WRITABLE or (what == _BACK and network.origin is not None):
                made = f"hand-tuned in {experiment.cursor} steps from {experiment.start.checksum}"
                steps = {"edited": made} if experiment.cursor else {}
                back = network.origin if what == _BACK else None
                kind = what if back is None else back.kind
                data = dumps(network.renamed(network.name, **steps), kind, plain=back is None)
                suffix = kind.lstrip(".")
            else:
                expected = ", ".join((*WRITABLE, *_RECIPES, _BACK))
                raise ValueError(f"download: expected one of {expected}; got {what[:40]!r}")
        except WorkspaceError as error:
            fields = {"code": error.code, "text": str(error)}
            return _problem(Notice("unsaved", fields, "error"), 404)
        except (ValueError, OSError) as error:
            return _problem(Notice("refused", {"text": str(error)}, "error"), 422)
        stem = re.sub(r"[^\w.-]+", "-", experiment.name).strip(".-") or "network"
        # The checksum keeps two networks' files of one name apart.
        return _file(data, f"{stem}-{network.checksum[:8]}.{suffix}", "application/octet-stream")

    async def figure(self, request: Request) -> Response:
        """Draw what a page offers, and serve it as a file."""
        kind = request.query_params.get("kind", "png")
        if self._being_drawn >= _MOST_BEING_DRAWN:
            return _problem(Notice("figures-busy"), 503)
        self._being_drawn += 1
        try:
            name = request.path_params["name"]
            return await _in_thread(self._figure, name, kind, among=DRAWERS)
        finally:
            self._being_drawn -= 1

    def _figure(self, name: str, kind: str) -> Response:
        figure = self._figures.of(name)
        if figure is None:
            return _problem(Notice("figure-gone"), 404)
        try:
            return _file(figure.draw(kind), figure.file_name(kind), KINDS[kind])
        except ApartError as error:
            if error.code == "busy":
                return _problem(Notice("figures-busy"), 503)
            return _problem(Notice("figure-failed", {"text": str(error)}), 503)
        except ValueError as error:
            return _problem(Notice("figure-failed", {"text": str(error)}), 422)

    async def learning(self, request: Request) -> Response:
        """Serve a training that was watched, as a film or as its figures."""
        if self._being_drawn >= _MOST_BEING_DRAWN:
            return _problem(Notice("figures-busy"), 503)
        self._being_drawn += 1
        try:
            name, kind = request.path_params["name"], request.query_params.get("kind", "gif")
            return await _in_thread(self._learning, name, kind, among=DRAWERS)
        finally:
            self._being_drawn -= 1

    def _learning(self, name: str, kind: str) -> Response:
        try:
            found = learning.take_away(name, kind)
        except ApartError as error:
            return _problem(Notice("figure-failed", {"text": str(error)}), 503)
        except ValueError as error:
            return _problem(Notice("figure-failed", {"text": str(error)}), 422)
        if found is None:
            return _problem(Notice("figure-gone"), 404)
        return _file(*found, learning.KINDS[kind])

    async def picture(self, request: Request) -> Response:
        """Serve the maps of an experiment's first layer as one small picture."""
        return await _in_thread(self._picture, request.path_params["id"])

    def _picture(self, id: str) -> Response:
        try:
            network = self._studio().network(check_id(id))
        except (ValueError, WorkspaceError):
            return Response(status_code=404, headers=_UNSEEN)
        maps = as_maps(network.layers[0].weights[:_SHOWN_MAPS], network.grid)
        # The address carries the revision, so a picture once made stays right.
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        picture = to_png(compose(maps, pixels_per_cell=1, gap=2, columns=8))
        return Response(picture, media_type="image/png", headers=headers)

    async def digits(self, request: Request) -> Response:
        """Serve a digit set that is in use here, for a page that scores by itself.

        Its name says what is in it: once a browser has it, it need not ask again.
        """
        name, most = request.path_params["name"], request.query_params.get("most")
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        return await _in_thread(self._digits, name, most, zipped, among=_PACKERS)

    def _digits(self, name: str, most: str | None, zipped: bool) -> Response:
        laid = self._studio().library.in_use(name)
        if laid is None or most not in (None, *map(str, FEWER)):
            return Response(status_code=404, headers=_UNSEEN)
        data = self._digit_files.of(laid, int(most) if most else None)
        headers = {**_FOR_EVER, "Vary": "Accept-Encoding"}
        if zipped:
            headers["Content-Encoding"] = "gzip"
        else:
            data = gzip.decompress(data)
        headers["Content-Length"] = str(len(data))
        # In pieces, each once the one before is on its way: as one it would be held for each page.
        return StreamingResponse(
            _in_pieces(data), media_type="application/octet-stream", headers=headers
        )


async def _in_pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), _PIECE_BYTES):
        yield data[at : at + _PIECE_BYTES]


async def _receive(request: Request, file: Any) -> bool:
    """Write a request's body to a file; tell whether it was of a size that is taken."""
    size, due, pieces, clock = 0, 0, aiter(request.stream()), asyncio.get_running_loop().time
    while True:
        # Whoever begins and does not go on, or hardly, would keep others' files waiting.
        if size >= due:
            due, until = size + _LEAST_BYTES, clock() + SILENCE_SECONDS
        piece = await asyncio.wait_for(anext(pieces, None), until - clock())
        if piece is None:
            return True
        size += len(piece)
        if size > MOST_BYTES:
            return False
        file.write(piece)


async def _in_thread(
    work: Callable[..., Response], *arguments: Any, among: ThreadPoolExecutor = _MAKERS
) -> Response:
    return await asyncio.get_running_loop().run_in_executor(among, work, *arguments)


def _file(data: bytes, name: str, kind: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(data, media_type=kind, headers={"Content-Disposition": disposition, **_UNSEEN})


def _problem(notice: Notice, status: int) -> Response:
    told = {**notice.to_dict(), "kind": "error"}
    return JSONResponse({"notice": told}, status_code=status, headers=_UNSEEN)


def _too_large(name: str) -> Notice:
    text = f"{name}: expected at most {MOST_BYTES >> 20} MiB; choose a smaller file"
    return Notice("upload-failed", {"file": name, "text": text}, "error")
