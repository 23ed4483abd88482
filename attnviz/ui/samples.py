"""The picture that a visitor chooses: a sample, a file, or what the camera sees."""

import io
from functools import cache

import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from attnviz.components.picture_tray import Thumbnail, picture_tray
from attnviz.errors import AttnvizError
from attnviz.inputs import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, read_picture
from attnviz.service.pictures import SAMPLES, pictures, sample
from attnviz.share import View
from attnviz.ui import state
from attnviz.ui.catalogue import Words
from attnviz.ui.frame import tell

THUMBNAIL_PIXELS = 112
SOURCES = ("samples", "file", "camera")
SOURCE = "picture_source"
TRAY, FILE, CAMERA = "picture_tray", "picture_file", "picture_camera"
REFUSED = "picture_refused"  # what was wrong with the last file
MEGA = 10**6


def choose_picture(view: View) -> None:
    """Draw the ways to a picture; what is wrong with a file is said beside them, and the picture before it stays."""
    said = state.speech()
    st.session_state.setdefault(SOURCE, SOURCES[0])
    source = st.segmented_control(
        said("picture.label"),
        SOURCES,
        format_func=lambda name: said(f"picture.{name}"),
        key=SOURCE,
        required=True,
        on_change=_forget_refusal,
    )
    if source == "samples":
        _draw_samples(view, said)
    elif source == "file":
        st.file_uploader(
            said("picture.file_label", megabytes=MAX_PICTURE_BYTES // MEGA, megapixels=MAX_PICTURE_PIXELS // MEGA),
            key=FILE,
            on_change=_bring,
            args=(FILE,),
        )
    else:
        st.camera_input(said("picture.camera_label"), key=CAMERA, on_change=_bring, args=(CAMERA,))
    if refused := st.session_state.get(REFUSED):
        tell(said.error(refused), urgent=True)
    if view.image not in SAMPLES:
        st.caption(said("picture.stays"))


def _draw_samples(view: View, said: Words) -> None:
    pictures_shown = [Thumbnail(name, said(f"picture.of.{name}"), thumbnail(name)) for name in SAMPLES]
    picture_tray(pictures_shown, view.image, {"legend": said("picture.samples")}, key=TRAY, on_pick=_pick)


@cache
def thumbnail(name: str) -> bytes:
    """A sample, cut to a square and made small, as a JPEG."""
    opened = Image.fromarray(sample(name).pixels)
    side = min(opened.size)
    left, top = (opened.width - side) // 2, (opened.height - side) // 2
    small = opened.crop((left, top, left + side, top + side)).resize((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    written = io.BytesIO()
    small.save(written, "JPEG", quality=82)
    return written.getvalue()


def _pick() -> None:
    """Take the sample that a visitor pointed at; anything else that a browser might send is no sample."""
    picked = (st.session_state.get(TRAY) or {}).get("picked")
    if picked in SAMPLES:
        st.session_state[state.key_of("image")] = picked


def _bring(key: str) -> None:
    """Take the picture of a file or of the camera; what is wrong with it is kept to be said."""
    _forget_refusal()
    given: UploadedFile | None = st.session_state.get(key)
    if given is None:
        return
    try:
        st.session_state[state.key_of("image")] = pictures().bring(read_picture(given.getvalue()))
    except AttnvizError as error:
        st.session_state[REFUSED] = error


def _forget_refusal() -> None:
    st.session_state.pop(REFUSED, None)
