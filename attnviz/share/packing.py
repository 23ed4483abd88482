"""A text as letters that are safe in a URL, and back. Bounded both ways: a link is a stranger's bytes."""

import base64
import binascii
import zlib

from attnviz.errors import LinkError

MAX_TEXT_BYTES = 64 * 1024
MAX_PACKED_CHARACTERS = 2 * MAX_TEXT_BYTES  # what cannot be deflated grows by a third in base64


def packed(text: str) -> str:
    """Deflate a text and spell it in base64url, without padding.

    Source  RFC 1950 (zlib, with its checksum: a cut link is noticed), RFC 4648 section 5 (base64url).
    """
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(letters: str) -> str:
    """Read what `packed` wrote, never inflating more than MAX_TEXT_BYTES.

    Raises  LinkError  when the letters are damaged, cut, followed by more, or inflate to too much.
    """
    if len(letters) > MAX_PACKED_CHARACTERS:
        raise LinkError(
            "The packed text has {count:,} characters; {limit:,} are read.",
            count=len(letters),
            limit=MAX_PACKED_CHARACTERS,
        )
    inflate = zlib.decompressobj()
    try:
        squeezed = base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=True)
        found = inflate.decompress(squeezed, MAX_TEXT_BYTES + 1)
        if not inflate.eof or inflate.unused_data or len(found) > MAX_TEXT_BYTES:
            raise LinkError(
                "The packed text is cut, is followed by more, or inflates to over {limit:,} bytes.",
                limit=MAX_TEXT_BYTES,
            )
        return found.decode()
    except (binascii.Error, ValueError, zlib.error) as error:
        raise LinkError("The packed text is damaged. Copy the whole link again.") from error
