/* SPDX-License-Identifier: GPL-3.0-or-later */

#define FUZZ_DIALECT WEIR_DIALECT_OPENAI_CHAT
#define FUZZ_READ weir_openai_chat_read_request
#define FUZZ_WRITE weir_openai_chat_write_request
#include "fuzz-read.h"
