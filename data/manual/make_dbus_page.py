#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes weir-dbus(7) from the comments of the interface's XML: XML VERSION on the command
line, the page on the standard output."""

import re
import sys

TOKENS = re.compile(r"<!--(.*?)-->|<(/?)(\w+)([^>]*?)(/?)>", re.DOTALL)


def roff(text):
    text = re.sub(r"\s+", " ", text).strip().replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def read(xml):
    """Yields ("text", comment) and (element, attributes, is its end)."""
    for comment, closes, name, attributes, _ in TOKENS.findall(xml):
        if comment:
            yield "text", comment, False
        else:
            yield name, dict(re.findall(r'([\w.]+)="([^"]*)"', attributes)), bool(closes)


def split_documents(comment):
    """What a comment says of the member, and of each argument."""
    body = re.sub(r"^\s*[\w.]+:\s*", "", comment, count=1)
    pieces = re.split(r"@(\w+):", body)
    return pieces[0], dict(zip(pieces[1::2], pieces[2::2]))


def write_arguments(arguments, documents):
    for argument in arguments:
        way = argument.get("direction", "out")
        print(".RS\n.TP")
        print(f"\\fI{roff(argument.get('name', ''))}\\fR {argument['type']} ({way})")
        print(roff(documents.get(argument.get("name"), "")) or "\\&")
        print(".RE")


def main():
    xml = open(sys.argv[1], encoding="utf-8").read()
    print(f'.TH "weir-dbus" 7 "" "Weir {sys.argv[2]}"\n.SH NAME\nweir\\-dbus \\- weir on the session bus')
    print(".SH DESCRIPTION")
    comment, member, arguments = "", None, []
    for name, content, closes in read(xml):
        if name == "text":
            if "short_description" not in content and not re.match(r"\s*[\w.]+:\s", content) and "SPDX" not in content:
                print(".nf")
                print("\n".join(roff(line) if not line.startswith(" ") else line.replace("-", "\\-")
                                for line in content.strip("\n").split("\n")))
                print(".fi")
            comment = content
        elif name == "interface" and not closes:
            print(f".SH \"INTERFACE {content['name']}\"")
            print(roff(comment.split("\n\n", 1)[-1]))
        elif name == "property" and not closes:
            ways = {"read": "read", "readwrite": "read and write"}[content["access"]]
            print(f".TP\n\\fB{content['name']}\\fR {content['type']} ({ways})")
            text = split_documents(comment)[0] if re.match(rf"\s*{content['name']}:", comment) else ""
            print(roff(text) or "\\&")
            comment = ""
        elif name in ("method", "signal") and not closes:
            member, arguments = (name, content["name"], comment), []
            if re.search(rf'<{name} name="{content["name"]}"\s*/>', xml):
                closes = True
        elif name == "arg":
            arguments.append(content)
        if name in ("method", "signal") and closes and member:
            kind, title, said = member
            text, documents = split_documents(said) if re.match(rf"\s*{title}:", said) else ("", {})
            print(f".TP\n\\fB{title}\\fR ({kind})")
            print(roff(text) or "\\&")
            write_arguments(arguments, documents)
            member, comment = None, ""
    print(".SH SEE ALSO\n\\fBweir\\fR(1), \\fBbusctl\\fR(1), \\fBgdbus\\fR(1)")


if __name__ == "__main__":
    main()
