"""Forms: decoders from bytes to events, the encoder back, and the collector that makes a form of them."""

from __future__ import annotations

from toolkit.sansio.forms.collector import FormCollector, Write, decoder_for
from toolkit.sansio.forms.data import FormData, FormValue, Upload
from toolkit.sansio.forms.encoder import MultipartEncoder
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart, FormEvent, PartHeaders
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.forms.nested import nested
from toolkit.sansio.forms.parts import PartData, PartDecoder, PartEnd, PartEvent, PartStart
from toolkit.sansio.forms.sinks import Sink
from toolkit.sansio.forms.urlencoded import UrlencodedDecoder
from toolkit.sansio.limits import FormLimits

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
