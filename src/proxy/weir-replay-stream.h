/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

/* A GIOStream that first gives back bytes already read, then goes on with @base. */
#define WEIR_TYPE_REPLAY_STREAM (weir_replay_stream_get_type ())
G_DECLARE_FINAL_TYPE (WeirReplayStream, weir_replay_stream, WEIR, REPLAY_STREAM, GIOStream)

/* (transfer full): @bytes and @base are referenced. */
GIOStream *weir_replay_stream_new (GIOStream *base, GBytes *bytes);
