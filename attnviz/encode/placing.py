"""Where a prompt puts a picture, and what stands for it there: as the model's own template and processor do it."""

from attnviz.encode.sight import Sight
from attnviz.encode.template import rendered
from attnviz.errors import ModelError, ModelRefused, Unreadable
from attnviz.models.loading import LoadedModel

BARE = {  # how a type of model is asked where it has no chat template, as its own processor does
    "gemma3": "{spot} {text}",
    "idefics3": "{spot}{text}",
    "llava": "{spot}\n{text}",
    "paligemma": "{spot}{bos}{text}\n",
    "qwen2_5_vl": "{start}{spot}{end}{text}",
    "qwen2_vl": "{start}{spot}{end}{text}",
    "smolvlm": "{spot}{text}",
    "vipllava": "{spot}\n{text}",
}
FAKE, GLOBAL, TILE = "<fake_token_around_image>", "<global-img>", "<row_{row}_col_{col}>"


class Placing:
    """How the prompts of one model speak of a picture.

    Raises  ModelRefused  when its tokenizer has no token that stands for one.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._model, self._words = model, model.processor
        self._kind = model.model.config.model_type
        self.image = image_token(model)  # stands for one patch
        self._start, self._end = self._edges()
        self._spot = self._start if self._kind == "gemma3" else self.image  # stands for a picture, in a template

    def placed(self, text: str, sight: Sight, patches: int) -> str:
        """Spell the whole prompt, with a sign for every patch of every tile.

        A text that names the picture itself is the whole prompt, taken as it was written.

        Raises  Unreadable  when it names the picture more than once.
                ModelError  when nobody says where the picture stands.
        """
        count = text.count(self._spot)
        if count > 1:
            raise Unreadable(
                "The text names the picture {count} times ({token}), and there is one. Leave one of them, or none.",
                count=count,
                token=self._spot,
            )
        whole = text if count else self._templated(text) or self._bare(text)
        before, _, after = whole.partition(self._spot)
        return before + self._stands(sight, self.image * patches) + after

    def has_first(self, whole: str) -> bool:
        """Say whether a prompt holds the special token that a tokenizer would put first."""
        bos = self._bos()
        return bool(bos) and (whole.startswith(bos) or "{bos}" in BARE.get(self._kind, ""))

    def _stands(self, sight: Sight, patches: str) -> str:
        """Spell what stands for the picture, as the model's own processor does."""
        if self._kind == "gemma3":
            return f"\n\n{self._start}{patches}{self._end}\n\n"
        if self._kind not in ("idefics3", "smolvlm"):
            return patches
        fake = getattr(self._words, "fake_image_token", FAKE)
        last = f"{fake}{getattr(self._words, 'global_image_token', GLOBAL)}{patches}{fake}"
        if len(sight.views) == 1:
            return last
        first = sight.views[0]
        rows, cols = (whole // tile for whole, tile in zip(first.resized, first.seen, strict=True))
        lines = (
            "".join(f"{fake}{TILE.format(row=row, col=col)}{patches}" for col in range(1, cols + 1)) + "\n"
            for row in range(1, rows + 1)
        )
        return "".join(lines) + "\n" + last

    def _templated(self, text: str) -> str | None:
        """Fill in the model's chat template; None where it has none, or none that knows of pictures."""
        if not getattr(self._words, "chat_template", None):
            return None
        turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}
        try:
            whole = rendered(self._model.name, self._words, [turn], answer=True)
        except Unreadable:  # a template for words alone fails at a list of parts
            return None
        return whole if whole.count(self._spot) == 1 and text.strip() in whole else None

    def _bare(self, text: str) -> str:
        if self._kind not in BARE:
            raise ModelError(
                "attnviz does not know where models of type {model_type!r} put a picture, and this one has no chat "
                "template that says. Choose another model.",
                model_type=self._kind,
            )
        return BARE[self._kind].format(spot=self._spot, text=text, bos=self._bos(), start=self._start, end=self._end)

    def _bos(self) -> str:
        return getattr(self._words, "bos_token", None) or ""

    def _edges(self) -> tuple[str, str]:
        """Spell the tokens that a picture stands between, where it does."""
        config = self._model.model.config
        names = ("boi_token_index", "eoi_token_index")
        if self._kind != "gemma3":
            names = ("vision_start_token_id", "vision_end_token_id")
        start, end = (getattr(config, name, None) for name in names)
        return self._spelt(start), self._spelt(end)

    def _spelt(self, number: int | None) -> str:
        return "" if number is None else str(self._words.convert_ids_to_tokens(number) or "")


def image_token(model: LoadedModel) -> str:
    """Spell the token that stands for a patch.

    Raises  ModelRefused  when the tokenizer has none.
    """
    number = getattr(model.model.config, "image_token_id", None)
    known = number is not None and 0 <= number < len(model.processor)
    token = model.processor.convert_ids_to_tokens(number) if known else None
    if not token or model.processor.convert_tokens_to_ids(token) != number:
        raise ModelRefused(
            "The tokenizer of {model} has no token that stands for a picture; by its configuration that is number "
            "{number}. Choose another model.",
            model=model.name,
            number=number,
        )
    return str(token)
