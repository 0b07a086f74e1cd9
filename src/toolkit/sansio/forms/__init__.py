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
else:  # of a module with a `__getattr__`, type checkers would believe any name
    _HOMES = {
        "toolkit.sansio.forms.collector": ("FormCollector", "Write", "decoder_for"),
        "toolkit.sansio.forms.data": ("FormData", "FormValue", "Upload"),
        "toolkit.sansio.forms.encoder": ("MultipartEncoder",),
        "toolkit.sansio.forms.events": (
            "Field",
            "FileData",
            "FileEnd",
            "FileStart",
            "FormEvent",
            "PartHeaders",
        ),
        "toolkit.sansio.forms.multipart": ("MultipartDecoder",),
        "toolkit.sansio.forms.nesting": ("nested",),
        "toolkit.sansio.forms.parts": ("PartData", "PartDecoder", "PartEnd", "PartEvent", "PartStart"),
        "toolkit.sansio.forms.sinks": ("Sink",),
        "toolkit.sansio.forms.urlencoded": ("UrlencodedDecoder",),
        "toolkit.sansio.limits": ("FormLimits",),
    }
    __getattr__, __dir__ = lazy_face(__name__, _HOMES)

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
