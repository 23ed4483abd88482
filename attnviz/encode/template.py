"""A chat template is a program that came with a model: it runs in a process of its own, for so long, in so much memory.

There it is filled in by transformers' own code, in the sandbox that jinja2 offers. The process knows none of this one's
environment, may write no file, and ends with its time or its memory. Where the system has no such limits (macOS bounds
no memory, Windows neither memory nor files) time alone is bounded; and nothing bounds the network of a template that
breaks out of the sandbox.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any

from attnviz.errors import ModelRefused, Unreadable
from attnviz.inputs import Chat

MAX_SECONDS = 10.0  # of computing, once the process is ready
MAX_START_SECONDS = 50.0  # importing transformers, on a machine that is busy
MAX_MEGABYTES = 256
MAX_CHARACTERS = 2**20
AT_ONCE = 2
NEEDED = ("LD_LIBRARY_PATH", "SYSTEMROOT")  # of the environment, to start at all
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}

_PROGRAM = """
import json, sys
asked = json.load(sys.stdin)
sys.path[:] = asked["path"]
from transformers.utils.chat_template_utils import render_jinja_template
try:
    import resource
    taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    room = taken + asked["bytes"]
    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    stop = int(spent + asked["seconds"]) + 1
    for kind, most in ((resource.RLIMIT_AS, room), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CPU, stop)):
        resource.setrlimit(kind, (most, most))
except (ImportError, OSError):
    pass
try:
    texts, _ = render_jinja_template(
        conversations=[asked["turns"]],
        chat_template=asked["template"],
        add_generation_prompt=asked["answer"],
        **asked["tokens"],
    )
    found = {"text": texts[0]} if len(texts[0]) <= asked["characters"] else {}
except MemoryError:
    found = {}
except Exception as why:
    found = {"why": f"{type(why).__name__}: {why}"[:1000]}
sys.stdout.buffer.write(json.dumps(found).encode())
"""
_places = BoundedSemaphore(AT_ONCE)


def filled(model: str, processor: Any, given: Chat, *, answer: bool) -> str:
    """Fill in a model's template with the turns of a conversation, and the begin of an `answer` if one shall follow.

    Raises  Unreadable    when there is no template, or it does not take these turns.
            ModelRefused  when it takes too long or too much memory.
    """
    turns = [{"role": turn.role, "content": turn.text} for turn in given.turns]
    return rendered(model, processor, turns, answer=answer)


def rendered(model: str, processor: Any, turns: Sequence[Mapping[str, Any]], *, answer: bool) -> str:
    """Fill in a model's template with turns as it takes them, which may hold pictures.

    Raises  Unreadable, ModelRefused  as `filled` does.
    """
    try:
        template = str(processor.get_chat_template())
    except (AttributeError, ValueError) as why:
        raise Unreadable(
            "{model} comes without a chat template. Give it attnviz.Text(…), or choose a model made for conversations.",
            model=model,
        ) from why
    tokens = {name: str(token) for name, token in processor.special_tokens_map.items() if not isinstance(token, list)}
    try:
        found = json.loads(
            _run(json.dumps({"template": template, "tokens": tokens, "turns": list(turns), "answer": answer}))
        )
    except _EndedError:
        found = {}
    if "text" in found:
        return str(found["text"])
    if "why" in found:
        raise Unreadable(
            "The chat template of {model} does not take this conversation ({why}). Change the roles or their order, or "
            "choose another model.",
            model=model,
            why=" ".join(str(found["why"]).split())[:200],
        )
    raise ModelRefused(
        "The chat template of {model} takes more than {seconds:.0f} seconds, {megabytes} MB or {characters:,} "
        "characters. Choose another model.",
        model=model,
        seconds=MAX_SECONDS,
        megabytes=MAX_MEGABYTES,
        characters=MAX_CHARACTERS,
    )


class _EndedError(Exception):  # never remembered: the machine may only have been busy
    """Carries nothing: the process was stopped."""


@lru_cache(maxsize=32)
def _run(asked: str) -> str:
    """Fill in a template in a process of its own: what it made, or why it would not, as JSON."""
    limits = {"bytes": MAX_MEGABYTES * 10**6, "seconds": MAX_SECONDS, "characters": MAX_CHARACTERS, "path": sys.path}
    with _places:
        try:
            done = subprocess.run(  # noqa: S603  this interpreter, and a program that is written above
                [sys.executable, "-I", "-c", _PROGRAM],
                input=json.dumps(json.loads(asked) | limits).encode(),
                capture_output=True,
                timeout=MAX_START_SECONDS + MAX_SECONDS,
                env={name: os.environ[name] for name in NEEDED if name in os.environ} | QUIET,
                check=True,
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as why:
            raise _EndedError from why
    return done.stdout.decode()
