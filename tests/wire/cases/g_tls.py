# SPDX-License-Identifier: GPL-3.0-or-later
"""G16: an upstream whose certificate or handshake is wrong is never sent a byte of a request.
F02: a TLS stream that ends without close_notify is judged by its last event like any other."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile

from harness.dialects import ALL, CHAT, stream_verdict
from harness.program import standard_config
from harness.suite import Group, Skip, expect, expect_error, with_world

tls = Group("G TLS", warm=False, weight=1)


def openssl(folder, *arguments):
    program = shutil.which("openssl")
    if program is None:
        raise Skip("openssl is not installed")
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)


def make_certificate(folder, name, subject_names, days=30, issuer="ca", before=None):
    """FOLDER/NAME.pem holds a key and a certificate for @subject_names, signed by @issuer."""
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    with open(os.path.join(folder, f"{name}.ext"), "w", encoding="ascii") as file:
        file.write(f"subjectAltName={subject_names}\nbasicConstraints=CA:FALSE\n")
    line = ["x509", "-req", "-in", f"{name}.csr", "-extfile", f"{name}.ext", "-out", f"{name}.crt", "-days", str(days)]
    if issuer:
        line += ["-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key", "-CAcreateserial"]
    else:
        line += ["-signkey", f"{name}.key"]
    openssl(folder, *line)
    with open(os.path.join(folder, f"{name}.pem"), "wb") as out:
        for part in (f"{name}.key", f"{name}.crt"):
            with open(os.path.join(folder, part), "rb") as file:
                out.write(file.read())


_folder = []


def certificates():
    """The folder with all certificates, made once a process."""
    if not _folder:
        holder = tempfile.TemporaryDirectory(prefix="weir-wire-tls-")
        folder = holder.name
        for name in ("ca", "other"):
            openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt",
                    "-days", "30", "-subj", f"/CN=weir test {name}")  # fmt: skip
        make_certificate(folder, "good", "IP:127.0.0.1,DNS:localhost")
        make_certificate(folder, "wrong-name", "DNS:elsewhere.example,IP:10.1.2.3")
        make_certificate(folder, "expired", "IP:127.0.0.1", days=-1)
        make_certificate(folder, "self-signed", "IP:127.0.0.1", issuer=None)
        make_certificate(folder, "stranger", "IP:127.0.0.1", issuer="other")
        _folder.append(holder)
    return _folder[0].name


def context(name, most=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(certificates(), f"{name}.pem"))
    if most:
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = most
        made.set_ciphers("ALL:@SECLEVEL=0")
    return made


def secure_config(world):
    text = standard_config(world).replace(f'"http://127.0.0.1:{world.up.port}', f'"https://127.0.0.1:{world.up.port}')
    return f'upstream-ca-file: "{os.path.join(certificates(), "ca.crt")}"\n' + text


def lazily(name, work, make_context, **options):
    """The world is made only when the case runs: certificates take a second to make."""

    def run(outer):
        with_world(work, config=secure_config, tls=make_context() if make_context else None, **options)(outer)

    tls.add(name, run)


def served(world):
    for dialect in ALL:
        answer = world.exchange(world.ask(dialect))
        expect(answer.status == 200, dialect.name, answer)
        answer = world.exchange(world.ask(dialect, stream=True))
        expect(stream_verdict(dialect, answer) == "complete", dialect.name, answer)
    expect(len(world.up.turns) == 8, len(world.up.turns))
    expect(world.up.n_links <= 8, world.up.n_links)


lazily("G16 a good certificate is served", served, lambda: context("good"))


def refused(world):
    for dialect in ALL:
        expect_error(world.exchange(world.ask(dialect), timeout=15), (502, 503), dialect)
    expect(world.up.n_heads == 0 and not world.up.turns, "a request was sent")


for name in ("wrong-name", "expired", "self-signed", "stranger"):
    lazily(f"G16 a certificate that is {name} is refused", refused, lambda n=name: context(n))
lazily("G16 TLS 1.1 and below is refused", refused, lambda: context("good", ssl.TLSVersion.TLSv1_1))


def plain_answer(world):
    world.up.raw = lambda link: (link.read_more(), link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    expect_error(world.exchange(world.ask(CHAT), timeout=15), (502, 503), CHAT)


lazily("G16 an upstream that speaks no TLS", plain_answer, None)


def alert(world):
    world.up.raw = lambda link: (link.read_more(), link.send(b"\x15\x03\x03\x00\x02\x02\x28"))
    expect_error(world.exchange(world.ask(CHAT), timeout=15), (502, 503), CHAT)


lazily("G16 a TLS alert", alert, None)


def silent(world):
    world.up.raw = lambda link: link.hold()
    with world.client(timeout=20) as client:
        client.send(world.ask(CHAT))
        for _ in range(8):
            if client.wait_end(0.3) is not None:
                break
            world.advance(11)
        expect_error(client.read_answer(), (502, 504), CHAT)


lazily("G16 a handshake that never ends", silent, None)


def no_close_notify(whole):
    def work(world):
        def script(turn):
            frames = CHAT.frames()
            turn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            turn.send(b"".join(frames if whole else frames[:-1]))
            raw = socket.socket(fileno=os.dup(turn.link.socket.fileno()))
            raw.shutdown(socket.SHUT_RDWR)
            raw.close()
            return False

        world.up.script = script
        answer = world.exchange(world.ask(CHAT, stream=True))
        expect(stream_verdict(CHAT, answer) == ("complete" if whole else "cut"), answer)

    return work


lazily("F02 a TLS stream ended without close_notify before its last event is cut", no_close_notify(False), lambda: context("good"))
lazily("F02 a TLS stream ended without close_notify behind its last event is whole", no_close_notify(True), lambda: context("good"))

