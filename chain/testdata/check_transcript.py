"""Recomputes the transcripts of transcript.json from the text of docs/PROTOCOL.md alone.

Usage: check_transcript.py transcript.json. Needs Python's standard library only.
"""
import hashlib
import json
import sys

DOMAIN = b"sessionvm/transcript/v1\x00"


def h(*parts):
    return hashlib.sha256(DOMAIN + b"".join(parts)).digest()


with open(sys.argv[1], encoding="utf-8") as file:
    vectors = json.load(file)
transcript = None
for vector in vectors:
    values = {name: bytes.fromhex(value) for name, value in vector["hex"].items()}
    if transcript is None:
        transcript = h(values["session"])
    else:
        transcript = h(transcript, values["message"], values["timestamp"])
    if transcript != values["transcript"]:
        sys.exit(f"{vector['name']}: expected {values['transcript'].hex()}, got {transcript.hex()}")
print(len(vectors), "transcripts agree")
