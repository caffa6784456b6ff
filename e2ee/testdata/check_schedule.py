"""Checks schedule.json or invitations.json by docs/PROTOCOL.md, with Python's standard library alone.

A second implementation of the key schedule, the padding and the two ciphers: the vectors are
written by the package that they test, so they would agree with its mistakes. It reads the
vectors from standard input, prints each value that differs, and fails if there is one.
"""

import hashlib
import hmac
import json
import struct
import sys


# The ciphers: RFC 8439, and draft-irtf-cfrg-xchacha-03 for the long nonce.

MASK = 0xFFFFFFFF
CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")


def rounds(state):
    x = list(state)

    def quarter(a, b, c, d):
        for into, add, turned, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[into] = (x[into] + x[add]) & MASK
            word = x[turned] ^ x[into]
            x[turned] = (word << by | word >> (32 - by)) & MASK

    for _ in range(10):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            quarter(column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
    return x


def block(key, counter, nonce):
    state = CONSTANTS + struct.unpack("<8I", key) + (counter,) + struct.unpack("<3I", nonce)
    return struct.pack("<16I", *((a + b) & MASK for a, b in zip(state, rounds(state))))


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def poly1305(key, text):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(text), 16):
        total = (total + int.from_bytes(text[at:at + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def chacha20_poly1305(key, nonce, plaintext, associated):
    stream = b"".join(block(key, 1 + at, nonce) for at in range((len(plaintext) + 63) // 64))
    ciphertext = xor(plaintext, stream)
    filled = b"".join(part + bytes(-len(part) % 16) for part in (associated, ciphertext))
    sizes = struct.pack("<QQ", len(associated), len(ciphertext))
    return ciphertext + poly1305(block(key, 0, nonce)[:32], filled + sizes)


def xchacha20_poly1305(key, nonce, plaintext, associated):
    x = rounds(CONSTANTS + struct.unpack("<8I", key) + struct.unpack("<4I", nonce[:16]))
    subkey = struct.pack("<8I", *x[:4], *x[12:])
    return chacha20_poly1305(subkey, bytes(4) + nonce[16:], plaintext, associated)


# The key schedule.

def label(name):
    return b"sessionvm/e2ee/%s/v1" % name.encode()


def sha256(text):
    return hashlib.sha256(text).digest()


def mac(key, text):
    return hmac.digest(key, text, "sha256")


def hash_of(name, *fields):
    return sha256(label(name) + b"\x00" + b"".join(fields))


def expand(pseudorandom, info):
    return mac(pseudorandom, info + b"\x01")  # 32 bytes: HKDF-Expand's first block


def hkdf(secret, salt, info):
    return expand(mac(salt, secret), info)


def ratchet(chain, name, count):
    keys = []
    for _ in range(count):
        keys.append(mac(chain, label(name) + b"\x01"))
        chain = mac(chain, label(name) + b"\x02")
    return keys


def padded_size(content):
    size = content + 58
    if size <= 64:
        return 64
    exponent = size.bit_length() - 1
    unit = 1 << (exponent - exponent.bit_length())
    return -(-size // unit) * unit


def pad(kind, salt, seen, transcript, content):
    start = bytes([kind]) + salt + struct.pack(">Q", seen) + transcript + content + b"\x80"
    return start + bytes(padded_size(len(content)) - len(start))


def check_invitation(vector, named, same):
    """Compares an invitation but its X-Wing ciphertext and its signature, which are given."""

    def field(name):
        return bytes.fromhex(vector[name])

    def identity(name):
        return hashlib.blake2b(field(name + "KEM") + field(name + "DSA"), digest_size=32).digest()

    ciphertext, kind, content = field("head")[:1120], bytes([vector["type"]]), vector["content"].encode()
    prekey, seat = field("recipientPrekey"), field("pseudonym") + field("pseudonymPrekey") + field("reply")
    pseudorandom = mac(hash_of("invitation", field("chain"), prekey, ciphertext), field("shared"))
    confirmation, key = (expand(pseudorandom, label("invitation-" + name)) for name in ("confirm", "key"))
    same(named % "confirmation", confirmation, field("head")[1120:])
    same(named % "key", key, field("key"))
    signed = (field("chain") + field("recipientID") + hash_of("invitation-prekey", prekey)
              + hash_of("invitation-ciphertext", ciphertext) + identity("inviter")
              + hash_of("invitation-rest", seat, kind, content))
    same(named % "signed", signed, field("signed"))
    padded = (b"\x01" + field("inviterKEM") + field("inviterDSA") + field("signature")
              + seat + kind + content + b"\x80")
    size = min(size for size in (8192, 12288, 32768) if len(padded) + 16 <= size)
    padded += bytes(size - 16 - len(padded))
    same(named % "sealed", chacha20_poly1305(key, bytes(12), padded, b""), field("sealed"))


def check(vectors):
    """Returns the names of the values that differ, and how many were compared."""
    wrong, compared = [], 0

    def same(name, got, want):
        nonlocal compared
        compared += 1
        if got != want:
            wrong.append(name)

    if isinstance(vectors, list):
        for number, vector in enumerate(vectors):
            check_invitation(vector, "%%s of invitation %d" % number, same)
        return wrong, compared

    def field(name, of=vectors):
        return bytes.fromhex(of[name])

    members = [bytes.fromhex(member) for member in vectors["members"]]
    context = hash_of("session", field("chain"), field("session"), bytes([vectors["suite"]]),
                      struct.pack(">H", len(members)), *sorted(members))
    same("context", context, field("context"))
    sender, recipient = field("sender"), field("recipient")
    transcript = hash_of("announcement", context, sender, field("bound"))
    same("transcript", transcript, field("transcript"))

    pseudorandom = mac(transcript, field("secret"))
    chain, root, commitment = (expand(pseudorandom, label(name)) for name in ("chain", "reply", "commitment"))
    same("epochChain", chain, field("epochChain"))
    same("replyRoot", root, field("replyRoot"))
    same("commitment", commitment, field("commitment"))
    message_keys = ratchet(chain, "message", len(vectors["messageKeys"]))
    same("messageKeys", [key.hex() for key in message_keys], vectors["messageKeys"])
    replies = mac(root, label("reply-to") + b"\x00" + recipient)
    same("replyChain", replies, field("replyChain"))
    reply_keys = ratchet(replies, "reply-to", len(vectors["replyKeys"]))
    same("replyKeys", [key.hex() for key in reply_keys], vectors["replyKeys"])

    first = field("publicKeys", vectors["stanzas"][0])
    same("keyReference", sha256(first)[:8], field("keyReference"))
    for number, stanza in enumerate(vectors["stanzas"]):
        bound = hash_of("wrap", context, sender, recipient, struct.pack(">I", stanza["epoch"]),
                        *(field(name, stanza) for name in ("head", "publicKeys", "ciphertexts")))
        key = hkdf(field("shared", stanza), field("reply", stanza), bound)
        same("wrappingKey of stanza %d" % number, key, field("wrappingKey", stanza))
        wrapped = chacha20_poly1305(key, bytes(12), field("secret"), b"")
        same("wrapped of stanza %d" % number, wrapped, field("wrapped", stanza))

    for key, message in zip(message_keys, vectors["messages"], strict=True):
        named = "%%s of message %d" % message["index"]
        padded = pad(message["type"], field("salt", message), message["seen"], field("seenTranscript", message),
                     message["content"].encode())
        same(named % "padded", padded, field("padded", message))
        header = struct.pack(">BII", 0x11, message["epoch"], message["index"])
        associated = label("message") + b"\x00" + field("session") + sender + transcript + header
        same(named % "associated", associated, field("associated", message))
        seal_key, nonce_key = (expand(key, label(name)) for name in ("message-key", "message-nonce"))
        same(named % "sealKey", seal_key, field("sealKey", message))
        same(named % "nonceKey", nonce_key, field("nonceKey", message))
        nonce = mac(nonce_key, associated + padded)[:24]
        same(named % "nonce", nonce, field("nonce", message))
        sealed = header + nonce + xchacha20_poly1305(seal_key, nonce, padded, associated)
        same(named % "message", sealed, field("message", message))

    for content, size in vectors["paddedSizes"].items():
        same("paddedSizes of %s" % content, padded_size(int(content)), size)
    return wrong, compared


if __name__ == "__main__":
    differ, count = check(json.load(sys.stdin))
    for value in differ:
        print("differs:", value)
    print("%d values compared, %d differ" % (count, len(differ)))
    sys.exit(1 if differ or not count else 0)
