/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Writers of errors: the functions of WeirProtocol, see there; and what errors mean. */

#include "chat/weir-protocol.h"

/* What an upstream's error is among ours: @status decides, but for a request that is too
 * long for the model, which some clients know how to shorten.  @type and @message: "" where
 * it says none. */
WeirError
weir_protocol_error_classify (unsigned status, const char *type, const char *message);

void weir_openai_write_error (GString *out,
                              WeirError code,
                              unsigned status,
                              const char *message,
                              const char *request_id);
void weir_openai_chat_write_stream_error (GString *out,
                                          WeirAnswerForm form,
                                          WeirError code,
                                          const char *message,
                                          const char *request_id);
void weir_openai_responses_write_stream_error (GString *out,
                                               WeirAnswerForm form,
                                               WeirError code,
                                               const char *message,
                                               const char *request_id);
void weir_anthropic_write_error (GString *out,
                                 WeirError code,
                                 unsigned status,
                                 const char *message,
                                 const char *request_id);
void weir_anthropic_write_stream_error (GString *out,
                                        WeirAnswerForm form,
                                        WeirError code,
                                        const char *message,
                                        const char *request_id);
void weir_gemini_write_error (GString *out,
                              WeirError code,
                              unsigned status,
                              const char *message,
                              const char *request_id);
void weir_gemini_write_stream_error (GString *out,
                                     WeirAnswerForm form,
                                     WeirError code,
                                     const char *message,
                                     const char *request_id);
