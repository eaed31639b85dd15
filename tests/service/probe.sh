#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a user does with the unit, in a machine of its own.  Each line says "name: value".
XDG_RUNTIME_DIR=/run/user/$(id -u)
export XDG_RUNTIME_DIR
export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
UNIT=weir.service

say () { echo "$1: ${*:2}"; }
show () { systemctl --user show "${2:-$UNIT}" -p "$1" --value; }

# The first line of what the address answers; it is waited for as long as it takes to start.
ask () {
  exec 3<> /dev/tcp/127.0.0.1/8317 || return
  printf 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8317\r\nConnection: close\r\n\r\n' >&3
  timeout 20 head -n 1 <&3 | tr -d '\r'
  exec 3>&-
}

# Until another process of the unit is up, 15 s at most.
await_restart () {
  for _ in $(seq 150); do
    [ "$(show NRestarts)" = "$1" ] && [ "$(show ActiveState)" = active ] && return
    sleep 0.1
  done
}

for _ in $(seq 100); do
  [ -S "$XDG_RUNTIME_DIR/bus" ] && break
  sleep 0.1
done
say manager "$(systemctl --user is-system-running --wait)"
mkdir -p ~/.config/weir
(umask 077 && printf 'secrets: file\n' > ~/.config/weir/config.yaml)

systemctl --user enable "$UNIT" 2> /dev/null
say enabled "$(readlink ~/.config/systemd/user/default.target.wants/$UNIT)"
systemctl --user start "$UNIT"
say start $?
say status-line "$(systemctl --user status --no-pager "$UNIT" | sed -n 's/^ *Status: //p')"
say verb "$(weir status | sed -n 's/^address *//p')"
say type "$(show Type)" "$(show WatchdogUSec)"

systemctl --user reload "$UNIT"
say reload $? "$(show ActiveState)"

kill -KILL "$(show MainPID)"
await_restart 1
say killed "$(show NRestarts)" "$(show ActiveState)" "$(show StatusText)"

# one that does not move at all: only the manager can see that
mkdir -p ~/.config/systemd/user/$UNIT.d
printf '[Service]\nWatchdogSec=2\n' > ~/.config/systemd/user/$UNIT.d/quick.conf
systemctl --user daemon-reload
systemctl --user restart "$UNIT"
sleep 3
say pinged "$(show NRestarts)" "$(show ActiveState)"
kill -STOP "$(show MainPID)"
await_restart 1
say stuck "$(show NRestarts)" "$(show ActiveState)"
say stuck-said "$(journalctl --user -u "$UNIT" -q --no-pager | grep -c 'Watchdog timeout')"

systemctl --user stop "$UNIT"
say stop "$(show ActiveState)" "$(show Result)"

weir start > /dev/null
say bus "$(show ActiveState)" "$(weir status | sed -n 's/^state *//p')"

# the first request starts it, by the manager's socket
systemctl --user stop "$UNIT"
systemctl --user start weir.socket
say waiting "$(show ActiveState weir.socket)" "$(show ActiveState)"
line=$(ask)
say woken "$(show ActiveState)" "$line"
say taken "$(journalctl --user -u "$UNIT" -q --no-pager -n 20 | grep -c 'cannot listen')"
before=$(show MainPID)
systemctl --user restart --no-block "$UNIT"
sleep 0.05
line=$(ask)
say kept "$line" "$([ "$(show MainPID)" != "$before" ] && echo yes)"
systemctl --user stop weir.socket
say left "$(show ActiveState weir.socket)" "$(show ActiveState)"

# a configuration that is wrong is not tried again and again
systemctl --user stop "$UNIT"
systemctl --user reset-failed "$UNIT" # it counts starts
echo 'port: banana' > ~/.config/weir/config.yaml
systemctl --user start "$UNIT" 2> /dev/null
say wrong $? "$(show ExecMainStatus)" "$(show NRestarts)"
