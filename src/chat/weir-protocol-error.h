/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Writers of errors: the functions of WeirProtocol, see there. */

#include "chat/weir-protocol.h"

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
