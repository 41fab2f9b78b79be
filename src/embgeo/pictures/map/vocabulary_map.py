"""A map that can be saved as a page, or shown in a notebook."""

from __future__ import annotations

import dataclasses
import html
import os
from dataclasses import dataclass

from embgeo.errors import ModelError
from embgeo.formats.atomic import check_free, file_path, replacing
from embgeo.pictures.map.page import page
from embgeo.results.local_paths import without_folders
from embgeo.results.map import MapContent, SecondMap, WrittenMap

MAX_NOTEBOOK_CHARACTERS = 30_000_000  # characters of a page inside a notebook


@dataclass(frozen=True, slots=True, repr=False)
class VocabularyMap:
    """A map of a vocabulary. Made by `EmbeddingSpace.map`.

    Attributes:
        content: all that the page shows, as arrays.
        version: of the embgeo that made it.
        second: the map next to it, if there is one.
    """

    content: MapContent
    version: str
    second: MapContent | None = None

    def __repr__(self) -> str:
        beside = f", beside one of {self.second.about['model']}" if self.second else ""
        return f"<VocabularyMap {self.content.about['model']}: {len(self.content.texts):,} tokens{beside}>"

    @property
    def kept(self) -> float:
        """The share of the nearest tokens that are among the nearest in the picture, from 0 to 1."""
        return self.content.share

    def beside(self, other: VocabularyMap) -> VocabularyMap:
        """Both maps on one page: what is chosen, searched or selected in one is shown in the other too."""
        return dataclasses.replace(self, second=other.content)

    def html(self) -> str:
        """The page."""
        return page([self.content, *([self.second] if self.second else [])], self.version)

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> WrittenMap:
        """Write the page to a file, all or nothing.

        Args:
            force: write over a file that exists.

        Raises:
            UsageError: the file exists, or is a folder.
            ModelError: it can't be written.
        """
        out = file_path(path)
        check_free(out, force=force)
        text = self.html().encode()
        try:
            with replacing(out) as file:
                file.write(text)
        except OSError as error:
            raise ModelError(f"can't write '{out}': {error.strerror or error}", "Name another place.") from None
        content = self.content
        return WrittenMap(
            **content.about, path=str(out), bytes=len(text), layout=content.layout,
            tokens=len(content.texts), neighbors=content.near, kept=round(content.share, 4),
            live=content.rows.numbers if content.rows else "", second=_second(self.second),
        )  # fmt: skip

    def _repr_html_(self) -> str:
        """The page in a frame that can reach nothing outside; a line of text if it is too large for a notebook."""
        text = self.html()
        if len(text) > MAX_NOTEBOOK_CHARACTERS:
            return f"<p>A page of {len(text) / 1e6:,.0f} MB: save it with <code>.save('map.html')</code>.</p>"
        title = html.escape(f"Map of {without_folders(self.content.about['model'])}")
        return (
            f'<iframe sandbox="allow-scripts" style="width:100%;height:640px;border:0" '
            f'title="{title}" srcdoc="{html.escape(text)}"></iframe>'
        )


def _second(content: MapContent | None) -> SecondMap | None:
    if content is None:
        return None
    named = {name: content.about[name] for name in ("model", "revision", "transform")}
    return SecondMap(**named, tokens=len(content.texts), kept=round(content.share, 4))
