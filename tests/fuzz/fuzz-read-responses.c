/* SPDX-License-Identifier: GPL-3.0-or-later */

#define FUZZ_DIALECT WEIR_DIALECT_OPENAI_RESPONSES
#define FUZZ_READ weir_openai_responses_read_request
#define FUZZ_WRITE weir_openai_responses_write_request
#include "fuzz-read.h"
