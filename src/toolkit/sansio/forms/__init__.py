"""Forms: decoders from bytes to events, the encoder back, and the collector that makes a form of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.faces import lazy_face

if TYPE_CHECKING:
    from toolkit.sansio.forms.collector import (
        FormCollector as FormCollector,
        Write as Write,
        decoder_for as decoder_for,
    )
    from toolkit.sansio.forms.data import FormData as FormData, FormValue as FormValue, Upload as Upload
    from toolkit.sansio.forms.encoder import MultipartEncoder as MultipartEncoder
    from toolkit.sansio.forms.events import (
        Field as Field,
        FileData as FileData,
        FileEnd as FileEnd,
        FileStart as FileStart,
        FormEvent as FormEvent,
        PartHeaders as PartHeaders,
    )
    from toolkit.sansio.forms.multipart import MultipartDecoder as MultipartDecoder
    from toolkit.sansio.forms.nesting import nested as nested
    from toolkit.sansio.forms.parts import (
        PartData as PartData,
        PartDecoder as PartDecoder,
        PartEnd as PartEnd,
        PartEvent as PartEvent,
        PartStart as PartStart,
    )
    from toolkit.sansio.forms.sinks import Sink as Sink
    from toolkit.sansio.forms.urlencoded import UrlencodedDecoder as UrlencodedDecoder
    from toolkit.sansio.limits import FormLimits as FormLimits
else:
    _HOMES = {
        "toolkit.sansio.forms.collector": "FormCollector Write decoder_for",
        "toolkit.sansio.forms.data": "FormData FormValue Upload",
        "toolkit.sansio.forms.encoder": "MultipartEncoder",
        "toolkit.sansio.forms.events": "Field FileData FileEnd FileStart FormEvent PartHeaders",
        "toolkit.sansio.forms.multipart": "MultipartDecoder",
        "toolkit.sansio.forms.nesting": "nested",
        "toolkit.sansio.forms.parts": "PartData PartDecoder PartEnd PartEvent PartStart",
        "toolkit.sansio.forms.sinks": "Sink",
        "toolkit.sansio.forms.urlencoded": "UrlencodedDecoder",
        "toolkit.sansio.limits": "FormLimits",
    }
    __getattr__, __dir__, __all__ = lazy_face(__name__, _HOMES)
