# SPDX-License-Identifier: GPL-3.0-or-later
"""What bash, zsh and fish really offer while a line is typed.  A shell that is not there is
skipped by its name."""

import os
import re
import shutil
import subprocess

from place import ROOT, Skipped

SCRIPTS = ROOT / "data" / "completion"

# the line is typed into a shell of its own, whose offers are caught where they are made
ZSH = r"""
autoload -Uz compinit && compinit -u -d $HOME/.zcompdump
weir() { $WEIR "$@" }
source $SCRIPTS/_weir 2>/dev/null
compdef _weir weir
# what compadd is given, as far as it matches what was typed
compadd() {
  local -a found
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  builtin compadd -O found "$@"
  print -rl -- $found >> $HOME/offers
  builtin compadd "$@"
}
# the terminal is the line editor's from here on
zle-line-init() { : > $HOME/ready }
answered() { : > $HOME/done }
zle -N zle-line-init
zle -N answered
bindkey '^X' answered
"""
DRIVER = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $HOME/setup.zsh"
while [[ ! -e $HOME/ready ]]; do sleep 0.02; done
: > $HOME/offers
zpty -w -n shell "$1"$'\t\x18'
while [[ ! -e $HOME/done ]]; do zpty -r -t shell text; sleep 0.02; done
cat $HOME/offers
zpty -d shell
"""
FISH = """function weir; $WEIR $argv; end
source $SCRIPTS/weir.fish
complete -C "$LINE"
"""
BASH = """source $SCRIPTS/weir
weir() { "$WEIR" "$@"; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_weir
printf '%s\\n' "${COMPREPLY[@]}"
"""


def run(place, command, **variables):
    environment = dict(place.environment, WEIR=os.environ["WEIR"], SCRIPTS=str(SCRIPTS), **variables)
    done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=30)
    return done.stdout, done.stderr


def bash(place, line):
    """As readline takes a line apart, which knows "=" for a word."""
    words = re.findall(r"=|[^\s=]+", line) + ([""] if line[-1] == " " else [])
    said, problem = run(place, ["bash", "-c", BASH, "bash", *words])
    assert problem == "", problem
    return said.split()


def zsh(place, line):
    for name in ("ready", "done", "offers"):
        (place.home / name).unlink(missing_ok=True)
    (place.home / "setup.zsh").write_text(ZSH)
    said, _ = run(place, ["zsh", "-f", "-c", DRIVER, "zsh", line], TERM="dumb")
    return said.split()


def fish(place, line):
    said, problem = run(place, ["fish", "--no-config", "-c", FISH], LINE=line)
    assert problem == "", problem
    return [offer.split("\t")[0] for offer in said.splitlines()]


def check(place, shell):
    if shutil.which(shell.__name__) is None:
        raise Skipped(f"{shell.__name__} is not installed")

    def offers(line):
        return set(shell(place, line))

    place.configure()
    assert offers("weir sta") == {"start", "status"}
    assert {"help", "accounts", "open"} <= offers("weir ")
    assert {"--json", "--format=", "--follow"} <= offers("weir status --")
    assert offers("weir env --shell ") == {"bash", "zsh", "fish", "systemd"}
    values = offers("weir status --format=")
    assert values in ({"plain", "waybar"}, {"--format=plain", "--format=waybar"}), values
    assert offers("weir accounts ren") == {"rename"}
    assert offers("weir open pre") == {"preferences"}
    assert offers("weir test ") == set()  # nothing is started for it
    assert not place.has_owner()
    assert "printenv" in offers("weir run -- printen")
    (place.home / "bundle.json").write_text("{}")
    assert any(offer.endswith("bundle.json") for offer in offers(f"weir accounts import {place.home}/bun"))
    place.start()
    place.sign_in()
    assert offers("weir test we") == {"weir/echo"}
    assert offers("weir login cod") == {"codex"}
    account = offers("weir logout codex")
    assert len(account) == 1 and next(iter(account)).startswith("codex-"), account
    assert offers("weir accounts rename ") == account
    assert offers("weir accounts any-client codex o") == {"on", "off"}
    assert offers("weir quota --refresh ") == account
    assert offers("weir login codex --account ") == account
    assert offers("weir stop ") == set()


def bash_completes_with_what_there_is(place):
    check(place, bash)


def zsh_completes_with_what_there_is(place):
    check(place, zsh)


def fish_completes_with_what_there_is(place):
    check(place, fish)


CASES = [bash_completes_with_what_there_is, zsh_completes_with_what_there_is, fish_completes_with_what_there_is]
