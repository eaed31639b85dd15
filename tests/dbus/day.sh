#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A day's work with weir, gdbus and curl alone: nothing here knows the program's inside.
#   WEIR: the program; VENDOR: the played vendors' address

set -euo pipefail
weir() { "$WEIR" "$@"; }
manager() {
  gdbus call --session -d io.github.weirproxy.Weir -o /io/github/weirproxy/Weir1 \
    -m "io.github.weirproxy.Weir1.Manager.$1" "${@:2}"
}
vendor() { curl -sf -X POST -d "$2" "$VENDOR/_control/$1"; }
until_true() { for _ in $(seq 100); do "$@" && return 0; sleep 0.1; done; echo "never: $*"; return 1; }
step() { echo "- $*"; }

step "morning: it is off, and is started"
[[ $(weir status --format plain) == "weir off" ]]
weir start
trap 'manager Quit >/dev/null' EXIT

step "an account is signed in"
mkfifo "$HOME/paste"
weir login codex --no-browser <"$HOME/paste" >"$HOME/said" & login=$!
exec 7>"$HOME/paste"
until_true grep -q '^http' "$HOME/said"
url=$(grep '^http' "$HOME/said" | head -1)
back=$(vendor consent "[\"$url\"]" | sed 's/.*"result": *"\(.*\)".*/\1/')
echo "$back" >&7
wait "$login"
exec 7>&-
account=$(sed -n 's/^Signed in: //p' "$HOME/said")

step "it serves, and is tested"
model=gpt-5
until_true weir test "$model"
weir models | grep -q weir/echo
weir run -- sh -c 'curl -sf "$OPENAI_BASE_URL/models" -H "Authorization: Bearer $OPENAI_API_KEY"' | grep -q '"object"'

step "what is left"
weir quota --refresh >/dev/null
until_true sh -c "\"$WEIR\" quota | grep -q '%'"
weir guard codex --min-left 0

step "it gets a name, and a rest"
weir accounts rename "$account" work
weir accounts disable work
until_true sh -c "\"$WEIR\" accounts | grep -q disabled"
! weir test "$model" 2>/dev/null
weir accounts enable work
until_true sh -c "\"$WEIR\" accounts | grep work | grep -q ready"
weir test "$model"

step "noon: the proxy pauses"
weir stop
[[ $(weir status --format plain) == "weir stopped"* ]]
weir start
weir test "$model"

step "the configuration is changed"
weir config check
echo "echo-model: false" >>"$(weir config)"
weir reload
! weir complete models | grep -q weir/echo

step "bars and scripts read JSON"
weir status --json | grep -q '"State":"running"'
weir accounts --json | grep -q '"Label":"work"'
manager ListUsage 0 | grep -q "'seat'"

step "evening: signed out, and off"
weir diagnostics | grep -q 'state: running'
weir logout work
until_true sh -c "! \"$WEIR\" accounts | grep -q work"
trap - EXIT
manager Quit >/dev/null
until_true sh -c "[ \"\$(\"$WEIR\" status --format plain)\" = 'weir off' ]"
echo "a good day"
