/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* An encoder that writes down what it is given, one line an event, and insists on the order
 * and the escapes of weir-event.h. */

#include "chat/weir-encoder.h"

const WeirEncoderClass *chat_spy_get_class (WeirDialect dialect);
