"""The models of this server: what is ready, what can be fetched, where the weights come from, and the limits."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import streamlit as st

from attnviz import share
from attnviz.inputs import Input, Picture, Text
from attnviz.models import catalogue, embedded
from attnviz.models.catalogue import Entry
from attnviz.service.engine import engine
from attnviz.service.limits import sized
from attnviz.share import View
from attnviz.ui import state
from attnviz.ui.catalogue import Words

MILLION = 10**6
PAGES = Path(__file__).parents[2] / "pages"
READ_ON: dict[str, type[Input]] = {"text": Text, "image": Picture}  # page -> what it gives a model to read


def list_models(view: View) -> None:
    """Draw the catalogue, one row a model, each with a link that opens it on the text at hand."""
    said, mode = state.speech(), engine().limits.models
    st.header(said("models.title"))
    st.write(said("models.lead"), said(f"models.mode_{mode}"))
    for entry in catalogue.CATALOGUE:
        if entry.ready or mode != "offline":
            _row(entry, view, said)


def list_limits() -> None:
    """Draw the limits in force, each with its number and unit."""
    said, limits = state.speech(), engine().limits
    st.subheader(said("models.limits"))
    lines = (
        said("models.limit_tokens", count=f"{limits.max_tokens:,}"),
        said("models.limit_characters", count=f"{limits.max_characters:,}"),
        said("models.limit_model", size=sized(limits.max_model_bytes)),
        said("models.limit_record", size=sized(limits.max_record_bytes)),
        said("models.limit_runs", workers=limits.workers, backlog=limits.backlog),
    )
    st.markdown("\n".join(f"- {line}" for line in lines))


def _row(entry: Entry, view: View, said: Words) -> None:
    """Draw one model; one that no page has an input for is named all the same, for notebooks."""
    page = next((name for name, kind in READ_ON.items() if entry in catalogue.reading(kind)), None)
    with st.container(key=f"model_{entry.name.replace('.', '_')}", border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{entry.name}** {_badge(entry, said)}", width="content")
            if page is not None:
                _open_on(page, entry, view, said)
        st.markdown(entry.about[said.language])
        st.caption(_facts(entry, said))
        if entry.ready:
            _origin(entry.name, said)


def _open_on(page: str, entry: Entry, view: View, said: Words) -> None:
    opened = replace(share.first(page), model=entry.name, language=view.language)
    opened = replace(opened, text=view.text) if page == "text" else opened
    query = dict(parse_qsl(share.to_query(opened), keep_blank_values=True))
    st.page_link(PAGES / f"{page}.py", label=said("models.open"), icon=":material/arrow_forward:", query_params=query)


def _badge(entry: Entry, said: Words) -> str:
    if entry.ready:
        return f":green-badge[{said('models.ready')}]"
    return f":orange-badge[{said('models.gated')}]" if entry.gated else ""


def _facts(entry: Entry, said: Words) -> str:
    parameters = (
        f"{entry.parameters / MILLION:,.0f}"
        if entry.parameters >= 10 * MILLION
        else f"{entry.parameters / MILLION:.2g}"
    )
    facts = said("models.facts", family=entry.family, parameters=parameters, licence=entry.licence)
    return facts if entry.ready else f"{facts} · {said('models.download', megabytes=f'{entry.megabytes:,}')}"


def _origin(name: str, said: Words) -> None:
    """Say where an embedded model's weights come from, and which bytes they are."""
    origin = embedded.provenance(name)
    with st.expander(said("models.origin")):
        st.write(origin.note[said.language])
        st.write(said("models.source", source=origin.source, licence=origin.licence))
        st.write(said("models.package", package=origin.package))
        st.write(said("models.checksum"))
        st.code(origin.sha256, language=None, wrap_lines=True)
