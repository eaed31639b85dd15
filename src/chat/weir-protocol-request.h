/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Readers and writers of requests: the functions of WeirProtocol, see there. */

#include "chat/weir-request.h"

WeirRequest *weir_openai_chat_read_request (GBytes *body,
                                            WeirSlice model,
                                            gboolean stream,
                                            GError **error);
gboolean weir_openai_chat_write_request (const WeirRequest *request,
                                         const WeirWriteOptions *options,
                                         GString *out,
                                         GError **error);
WeirRequest *weir_openai_responses_read_request (GBytes *body,
                                                 WeirSlice model,
                                                 gboolean stream,
                                                 GError **error);
gboolean weir_openai_responses_write_request (const WeirRequest *request,
                                              const WeirWriteOptions *options,
                                              GString *out,
                                              GError **error);
WeirRequest *weir_anthropic_read_request (GBytes *body,
                                          WeirSlice model,
                                          gboolean stream,
                                          GError **error);
gboolean weir_anthropic_write_request (const WeirRequest *request,
                                       const WeirWriteOptions *options,
                                       GString *out,
                                       GError **error);
WeirRequest *
weir_gemini_read_request (GBytes *body, WeirSlice model, gboolean stream, GError **error);
gboolean weir_gemini_write_request (const WeirRequest *request,
                                    const WeirWriteOptions *options,
                                    GString *out,
                                    GError **error);
