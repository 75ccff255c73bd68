"""The two spellings of bytes that credentials use for keys and signatures: base58btc, and keys as Multikey."""

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
VALUES = {character: value for value, character in enumerate(ALPHABET)}
ED25519_PREFIX = b"\xed\x01"
KEY_BYTES = 32
LONGEST = 200
"""Characters; base conversion is quadratic, and no key or signature of ours is longer than 90."""


def encode(data: bytes) -> str:
    """Return `data` as multibase base58btc: `z` and the digits."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    leading = len(data) - len(data.lstrip(b"\0"))
    return "z" + ALPHABET[0] * leading + digits


def decode(text: str) -> bytes:
    """Return the bytes of a multibase base58btc text. Raises `ValueError`."""
    digits = text[1:]
    if not text.startswith("z") or not set(digits) <= VALUES.keys() or len(text) > LONGEST:
        raise ValueError("not_base58btc")
    number = 0
    for digit in digits:
        number = number * 58 + VALUES[digit]
    leading = len(digits) - len(digits.lstrip(ALPHABET[0]))
    return b"\0" * leading + number.to_bytes((number.bit_length() + 7) // 8, "big")


def ed25519_key(public_key: bytes) -> str:
    """Return 32 bytes of an Ed25519 public key as a Multikey, such as `z6Mk…`."""
    return encode(ED25519_PREFIX + public_key)


def ed25519_bytes(multikey: str) -> bytes:
    """Return the 32 bytes of an Ed25519 Multikey. Raises `ValueError`."""
    data = decode(multikey)
    if not data.startswith(ED25519_PREFIX) or len(data) != len(ED25519_PREFIX) + KEY_BYTES:
        raise ValueError("not_ed25519_multikey")
    return data[len(ED25519_PREFIX) :]
