/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-protocol.h"

#define FUZZ_DIALECT WEIR_DIALECT_OPENAI_CHAT

#include "fuzz-decoder.h"
