/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* OpenAI's Images API (`/v1/images/generations` and `/v1/images/edits`; API reference,
 * read 2026-11) over upstreams that draw in the course of a conversation.  As the legacy
 * completions it is no dialect of its own: a request read here is one of Chat that holds
 * the prompt, the pictures, and a tool that must draw; answers come from
 * weir_encoder_new_of_class.  Errors are those of OpenAI Chat.
 *
 * What is decided here, where the reference leaves it open or an upstream cannot do it:
 *   - `n` above 1 is refused: it would be several calls, each to be paid.
 *   - `response_format: url` gets a data URL: nothing here keeps pictures to be fetched.
 *   - A stream has the partial pictures that the upstream sends; with those that send none
 *     it is the last event alone, as with `partial_images: 0`.
 *   - `input_tokens_details` of the usage is said only where no picture went in, for else
 *     nobody says how the tokens are shared out.
 *   - Words of the answer are left out; without any picture they are the error's text. */

#include "chat/weir-encoder.h"

/* As WeirProtocol.read_request; @body is JSON (weir_openai_images_form_to_json).
 * WEIR_ERROR_BAD_REQUEST: no prompt, a wrong type, no picture to be edited.
 * WEIR_ERROR_UNSUPPORTED: `n` above 1. */
WeirRequest *weir_openai_images_read_generation (GBytes *body, GError **error);
WeirRequest *weir_openai_images_read_edit (GBytes *body, GError **error);

/* Their weir_encoder_end fails with WEIR_ERROR_BAD_REQUEST where the model drew nothing. */
extern const WeirEncoderClass weir_openai_images_encoder;
extern const WeirEncoderClass weir_openai_image_edits_encoder;

/* (transfer full): watches the answer of an upstream that has the API itself.  A stream is
 * complete at its transport's clean end, when a last event has been seen: there may be one
 * for each picture. */
WeirDecoder *weir_openai_images_decoder_new (WeirAnswerForm form);
