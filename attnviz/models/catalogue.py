"""The models attnviz knows by name: those that come with it first, then well-known ones at the hub, by family.

Sizes are about right and for choosing only; what a download really takes is asked of the hub before it starts.
Every repository here holds safetensors and runs on code of transformers itself. Left out for want of that:
facebook/opt-125m and google/electra-small-discriminator (pickle alone), microsoft/Phi-3-mini (`auto_map`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from attnviz.errors import ModelNotFound
from attnviz.families import family_for
from attnviz.inputs import Input


@dataclass(frozen=True)
class Entry:
    """One model of the catalogue, as the picker shows it.

    Unit    parameters: how many; megabytes: 10**6 bytes of safetensors to download, 0 when nothing is.
    """

    name: str
    repo: str
    family: str  # as its authors spell it
    model_type: str  # as its configuration spells it
    parameters: int
    megabytes: int
    licence: str
    about: Mapping[str, str] = field(hash=False)  # one line a language
    causal: bool = False  # each token reads only itself and those before it
    gated: bool = False  # the hub asks for a licence to be accepted first
    ready: bool = False  # comes with attnviz: no download


def _about(en: str, zh: str) -> Mapping[str, str]:
    return {"en": en, "zh": zh}


CATALOGUE = (
    Entry(
        "minilm", "sentence-transformers/all-MiniLM-L6-v2", "BERT", "bert", 22_700_000, 0, "Apache-2.0",
        _about("Small sentence encoder: 6 layers of 12 heads.", "小型句子编码器：6 层，每层 12 个头。"), ready=True,
    ),
    Entry(
        "scenes", "attnviz/scenes", "ViT", "vit", 1_236_376, 0, "Apache-2.0",
        _about("Names the things in small pictures made of emoji.", "说出表情符号小图里有哪些东西。"),
        ready=True,
    ),
    Entry(
        "dates", "attnviz/dates", "BART", "bart", 127_431, 0, "Apache-2.0",
        _about("Writes a date such as 3 May 2021 as 2021-05-03.", "把 3 May 2021 这样的日期写成 2021-05-03。"),
        ready=True,
    ),
    Entry(
        "repeats-1", "attnviz/repeats-1", "Llama", "llama", 20_608, 0, "Apache-2.0",
        _about("One layer of attention alone, on letters that repeat.", "仅一层注意力，读重复的字母。"),
        causal=True, ready=True,
    ),
    Entry(
        "repeats-2", "attnviz/repeats-2", "Llama", "llama", 37_312, 0, "Apache-2.0",
        _about("Two layers of attention alone: an induction circuit.", "仅两层注意力，构成归纳回路。"),
        causal=True, ready=True,
    ),
    Entry(
        "digits", "attnviz/digits", "Whisper", "whisper", 1_085_952, 0, "CC-BY-SA-4.0",
        _about("Writes down spoken digits, and shows when each is said.", "写下听到的数字，并显示每个数字何时说出。"),
        ready=True,
    ),
    Entry(
        "translator-fr", "attnviz/translator-fr", "Marian", "marian", 2_105_440, 0, "Apache-2.0",
        _about("English to French, and which word says which.", "英译法，并显示每个词译自哪个词。"),
        ready=True,
    ),
    Entry(
        "translator-zh", "attnviz/translator-zh", "Marian", "marian", 2_105_440, 0, "Apache-2.0",
        _about("English to Chinese, and which word says which.", "英译中，并显示每个词译自哪个词。"),
        ready=True,
    ),
    Entry(
        "bert-base-uncased", "google-bert/bert-base-uncased", "BERT", "bert", 110_000_000, 440, "Apache-2.0",
        _about("The encoder most papers on attention study.", "注意力研究中最常用的编码器。"),
    ),
    Entry(
        "bert-base-cased", "google-bert/bert-base-cased", "BERT", "bert", 109_000_000, 436, "Apache-2.0",
        _about("BERT that tells upper from lower case.", "区分大小写的 BERT。"),
    ),
    Entry(
        "bert-base-multilingual-cased", "google-bert/bert-base-multilingual-cased", "BERT", "bert",
        179_000_000, 714, "Apache-2.0",
        _about("One BERT for 104 languages.", "一个模型，104 种语言。"),
    ),
    Entry(
        "bert-base-chinese", "google-bert/bert-base-chinese", "BERT", "bert", 103_000_000, 412, "Apache-2.0",
        _about("BERT for Chinese, one token a character.", "中文 BERT，一字一词元。"),
    ),
    Entry(
        "roberta-base", "FacebookAI/roberta-base", "RoBERTa", "roberta", 125_000_000, 499, "MIT",
        _about("BERT trained longer, on byte pieces.", "训练更充分的 BERT，使用字节级分词。"),
    ),
    Entry(
        "distilroberta-base", "distilbert/distilroberta-base", "RoBERTa", "roberta", 82_800_000, 331, "Apache-2.0",
        _about("RoBERTa distilled to 6 layers.", "蒸馏为 6 层的 RoBERTa。"),
    ),
    Entry(
        "xlm-roberta-base", "FacebookAI/xlm-roberta-base", "XLM-RoBERTa", "xlm-roberta", 278_000_000, 1_116, "MIT",
        _about("One RoBERTa for 100 languages.", "支持 100 种语言的 RoBERTa。"),
    ),
    Entry(
        "distilbert-base-uncased", "distilbert/distilbert-base-uncased", "DistilBERT", "distilbert",
        67_000_000, 268, "Apache-2.0",
        _about("BERT distilled to 6 layers.", "蒸馏为 6 层的 BERT。"),
    ),
    Entry(
        "distilbert-base-multilingual-cased", "distilbert/distilbert-base-multilingual-cased", "DistilBERT",
        "distilbert", 135_000_000, 542, "Apache-2.0",
        _about("Six layers for 104 languages.", "6 层，104 种语言。"),
    ),
    Entry(
        "albert-base-v2", "albert/albert-base-v2", "ALBERT", "albert", 11_700_000, 47, "Apache-2.0",
        _about("Twelve layers that share one set of weights.", "12 层共用一组权重。"),
    ),
    Entry(
        "electra-base", "google/electra-base-discriminator", "ELECTRA", "electra", 109_000_000, 440, "Apache-2.0",
        _about("Trained to tell real tokens from replaced ones.", "训练目标是辨别被替换的词元。"),
    ),
    Entry(
        "gpt2", "openai-community/gpt2", "GPT-2", "gpt2", 124_000_000, 548, "MIT",
        _about("The decoder most papers on attention study.", "注意力研究中最常用的解码器。"), causal=True,
    ),
    Entry(
        "distilgpt2", "distilbert/distilgpt2", "GPT-2", "gpt2", 82_000_000, 353, "Apache-2.0",
        _about("GPT-2 distilled to 6 layers.", "蒸馏为 6 层的 GPT-2。"), causal=True,
    ),
    Entry(
        "pythia-70m", "EleutherAI/pythia-70m", "GPT-NeoX", "gpt_neox", 70_000_000, 166, "Apache-2.0",
        _about("Six layers, with every step of its training published.", "6 层，公开了训练全过程。"), causal=True,
    ),
    Entry(
        "pythia-160m", "EleutherAI/pythia-160m", "GPT-NeoX", "gpt_neox", 162_000_000, 375, "Apache-2.0",
        _about("Twelve layers, with every step of its training published.", "12 层，公开了训练全过程。"), causal=True,
    ),
    Entry(
        "smollm2-135m", "HuggingFaceTB/SmolLM2-135M", "Llama", "llama", 135_000_000, 269, "Apache-2.0",
        _about("A small, modern Llama: 30 layers, grouped queries.", "小而新的 Llama：30 层，分组查询。"), causal=True,
    ),
    Entry(
        "tinyllama-1.1b", "TinyLlama/TinyLlama-1.1B-Chat-v1.0", "Llama", "llama", 1_100_000_000, 2_200, "Apache-2.0",
        _about("Llama 2's design at 1.1 billion parameters.", "Llama 2 架构的 11 亿参数版本。"), causal=True,
    ),
    Entry(
        "llama-3.2-1b", "meta-llama/Llama-3.2-1B", "Llama", "llama", 1_240_000_000, 2_472, "Llama 3.2 Community",
        _about("Meta's smallest Llama 3.", "Meta 最小的 Llama 3。"), causal=True, gated=True,
    ),
    Entry(
        "mistral-7b", "mistralai/Mistral-7B-v0.1", "Mistral", "mistral", 7_240_000_000, 14_484, "Apache-2.0",
        _about("A sliding window of 4,096 tokens.", "采用 4,096 个词元的滑动窗口。"), causal=True, gated=True,
    ),
    Entry(
        "qwen2.5-0.5b", "Qwen/Qwen2.5-0.5B", "Qwen 2", "qwen2", 494_000_000, 988, "Apache-2.0",
        _about("Small, and at home in Chinese and English.", "小模型，兼通中英文。"), causal=True,
    ),
    Entry(
        "qwen3-0.6b", "Qwen/Qwen3-0.6B", "Qwen 3", "qwen3", 596_000_000, 1_503, "Apache-2.0",
        _about("Normalises queries and keys; Chinese and English.", "对查询和键做归一化；兼通中英文。"), causal=True,
    ),
    Entry(
        "gemma-2b", "google/gemma-2b", "Gemma", "gemma", 2_510_000_000, 5_012, "Gemma",
        _about("Eight query heads that share one key head.", "8 个查询头共用 1 个键头。"), causal=True, gated=True,
    ),
    Entry(
        "gemma-2-2b", "google/gemma-2-2b", "Gemma 2", "gemma2", 2_610_000_000, 10_456, "Gemma",
        _about("Caps its scores, and narrows every other layer.", "对得分做软上限，每隔一层缩小窗口。"),
        causal=True, gated=True,
    ),
    Entry(
        "gemma-3-270m", "google/gemma-3-270m", "Gemma 3", "gemma3_text", 268_000_000, 536, "Gemma",
        _about("Small; five narrow layers to one wide.", "小模型；每 5 个局部层配 1 个全局层。"),
        causal=True, gated=True,
    ),
    Entry(
        "olmo-2-1b", "allenai/OLMo-2-0425-1B", "OLMo 2", "olmo2", 1_480_000_000, 5_939, "Apache-2.0",
        _about("Open from data to weights.", "从数据到权重全部公开。"), causal=True,
    ),
)  # fmt: skip


def reading(kind: type[Input]) -> tuple[Entry, ...]:
    """List the models that read a kind of input, in the order of the catalogue."""
    return tuple(entry for entry in CATALOGUE if kind in family_for(entry.model_type).reads)


def known(name: str) -> Entry | None:
    """Look a model up by its short name or by its repository."""
    return next((entry for entry in CATALOGUE if name in (entry.name, entry.repo)), None)


def find(name: str) -> Entry:
    """Find a model by its short name or by its repository.

    Raises  ModelNotFound  when the catalogue has neither; the message names what is close.
    """
    entry = known(name)
    if entry:
        return entry
    names = [entry.name for entry in CATALOGUE]
    close = get_close_matches(name.lower(), names, n=3, cutoff=0.5) or names[:1]
    raise ModelNotFound(
        "The catalogue has no model named {name!r}. Close to it: {close}.", name=name[:96], close=", ".join(close)
    )
