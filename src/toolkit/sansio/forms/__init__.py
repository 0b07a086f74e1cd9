"""Forms: decoders from bytes to events, the encoder back, and the collector that makes a form of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.forms.collector import FormCollector, Write, decoder_for
    from toolkit.sansio.forms.data import FormData, FormValue, Upload
    from toolkit.sansio.forms.encoder import MultipartEncoder
    from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, FormEvent, PartHeaders
    from toolkit.sansio.forms.multipart import MultipartDecoder
    from toolkit.sansio.forms.nesting import nested
    from toolkit.sansio.forms.parts import PartData, PartDecoder, PartEnd, PartEvent, PartStart
    from toolkit.sansio.forms.sinks import Sink
    from toolkit.sansio.forms.urlencoded import UrlencodedDecoder
    from toolkit.sansio.limits import FormLimits

_HOMES = {
    "Field": "toolkit.sansio.forms.events",
    "FileData": "toolkit.sansio.forms.events",
    "FileEnd": "toolkit.sansio.forms.events",
    "FileStart": "toolkit.sansio.forms.events",
    "FormCollector": "toolkit.sansio.forms.collector",
    "FormData": "toolkit.sansio.forms.data",
    "FormEvent": "toolkit.sansio.forms.events",
    "FormLimits": "toolkit.sansio.limits",
    "FormValue": "toolkit.sansio.forms.data",
    "MultipartDecoder": "toolkit.sansio.forms.multipart",
    "MultipartEncoder": "toolkit.sansio.forms.encoder",
    "PartData": "toolkit.sansio.forms.parts",
    "PartDecoder": "toolkit.sansio.forms.parts",
    "PartEnd": "toolkit.sansio.forms.parts",
    "PartEvent": "toolkit.sansio.forms.parts",
    "PartHeaders": "toolkit.sansio.forms.events",
    "PartStart": "toolkit.sansio.forms.parts",
    "Sink": "toolkit.sansio.forms.sinks",
    "Upload": "toolkit.sansio.forms.data",
    "UrlencodedDecoder": "toolkit.sansio.forms.urlencoded",
    "Write": "toolkit.sansio.forms.collector",
    "decoder_for": "toolkit.sansio.forms.collector",
    "nested": "toolkit.sansio.forms.nesting",
}

__all__ = [
    # events
    "Field",
    "FileData",
    "FileEnd",
    "FileStart",
    "FormEvent",
    "PartHeaders",
    # decoders, encoder
    "FormLimits",
    "MultipartDecoder",
    "MultipartEncoder",
    "UrlencodedDecoder",
    "decoder_for",
    # parts of any multipart body
    "PartData",
    "PartDecoder",
    "PartEnd",
    "PartEvent",
    "PartStart",
    # whole forms
    "FormCollector",
    "FormData",
    "FormValue",
    "Sink",
    "Upload",
    "Write",
    "nested",
]

__getattr__, __dir__ = lazy_face(__name__, _HOMES)
