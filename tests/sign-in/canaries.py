# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are planted, in every form in which one could get out, and the search for them."""

import base64
import json
import os
import urllib.parse

PIECE = 12  # so many letters of the chance in a secret give it away


class Canaries:
    """A secret is known by all of it, by what it is encoded to, and by pieces of its last
    letters, which are chance."""

    def __init__(self):
        self.secrets = {}  # secret -> what it is
        self.forms = {}  # bytes -> what it is
        self.pieces = {}  # bytes -> what it is

    def add(self, kind, *secrets):
        for secret in secrets:
            assert len(secret) >= 16, (kind, secret)
            if secret in self.secrets:
                continue
            self.secrets[secret] = kind
            for form in make_forms(secret):
                self.forms.setdefault(form, kind)
            tail = secret[-22:].encode()
            for start in range(len(tail) - PIECE + 1):
                self.pieces.setdefault(tail[start:start + PIECE], kind)

    def find(self, data, allowed=()):
        """The kinds of secrets in @data.  @allowed: kinds that may be there."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        found = {kind for form, kind in self.forms.items() if form in data}
        for start in range(len(data) - PIECE + 1):
            kind = self.pieces.get(data[start:start + PIECE])
            if kind is not None:
                found.add(kind)
        return sorted(found - set(allowed))

    def find_in_folder(self, folder, skipped=()):
        """What lies in files below @folder, and in their names: (path, kinds)."""
        bad = []
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                if path in skipped or not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    found = self.find(path.encode() + b"\0" + file.read())
                if found:
                    bad.append((path, found))
        return bad


def make_forms(secret):
    """@secret as it is, and encoded, also in the midst of other text."""
    data = secret.encode()
    forms = {data, data.hex().encode(), data.hex().upper().encode(), data[::-1], secret.encode("utf-16-le"),
             json.dumps(secret)[1:-1].encode(), urllib.parse.quote(secret, safe="").encode(),
             urllib.parse.quote_plus(secret).encode(), "".join(f"%{byte:02X}" for byte in data).encode(),
             "".join(f"%{byte:02x}" for byte in data).encode()}
    for lead in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"x" * lead + data)
            # the first and the last letters hold bits of what stands around it
            forms.add(text[4 if lead else 0:len(text) // 4 * 4 - 4])
    return forms
