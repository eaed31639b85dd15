/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Our own errors in the clients' dialects, as a body and as the event that ends a stream.
 * The words come from the error's row; which row an upstream's error belongs to. */

#include "config.h"

#include "chat/weir-protocol-error.h"

#include "base/weir-json-write.h"
#include "base/weir-sse.h"

#define TOO_LONG "prompt is too long"

/* As OpenAI, Anthropic and Google say it, and servers that copy them. */
static const char *const words_of_context[] = {
  TOO_LONG,         "context_length_exceeded",          "context window",
  "context length", "maximum number of tokens allowed",
};

WeirError
weir_protocol_error_classify (unsigned status, const char *type, const char *message)
{
  const gboolean may_be = status == 400 || status == 413 || status == 422;
  g_autofree char *said = NULL;

  if (!may_be)
    return weir_error_from_status (status);
  said = g_ascii_strdown (message, -1);
  for (size_t i = 0; i < G_N_ELEMENTS (words_of_context); i++)
    if (strstr (said, words_of_context[i]) != NULL
        || strstr (type, words_of_context[i]) != NULL)
      return WEIR_ERROR_CONTEXT;
  return weir_error_from_status (status);
}

void
weir_openai_write_error (GString *out,
                         WeirError code,
                         unsigned status,
                         const char *message,
                         const char *request_id)
{
  const WeirErrorInfo *info = weir_error_get_info (code);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_open (&w, "error");
  weir_json_add_string (&w, "message", message);
  weir_json_add_string (&w, "type", info->openai_type);
  weir_json_add_null (&w, "param");
  weir_json_add_string (&w, "code", info->code);
  weir_json_close (&w);
  weir_json_close (&w);
}

static void
write_event (GString *out, const char *name, const GString *data)
{
  weir_sse_write (out, name, (WeirSlice){ data->str, data->len });
}

void
weir_openai_chat_write_stream_error (GString *out,
                                     WeirAnswerForm form,
                                     WeirError code,
                                     const char *message,
                                     const char *request_id)
{
  g_autoptr (GString) data = g_string_new (NULL);

  g_return_if_fail (form != WEIR_ANSWER_ARRAY);

  if (form != WEIR_ANSWER_SSE)
    return;
  weir_openai_write_error (data, code, 0, message, request_id);
  write_event (out, NULL, data);
}

/* The client knows the response by the id of response.created, which is not known here:
 * the request's own id stands in.  Readers of these events insist on a sequence number. */
void
weir_openai_responses_write_stream_error (GString *out,
                                          WeirAnswerForm form,
                                          WeirError code,
                                          const char *message,
                                          const char *request_id)
{
  g_autoptr (GString) data = g_string_new (NULL);
  WeirJsonWriter w;

  g_return_if_fail (form != WEIR_ANSWER_ARRAY);

  if (form != WEIR_ANSWER_SSE)
    return;
  weir_json_writer_init (&w, data);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "type", "response.failed");
  weir_json_add_uint (&w, "sequence_number", 0);
  weir_json_open (&w, "response");
  weir_json_add_string (&w, "id", request_id != NULL ? request_id : "");
  weir_json_add_string (&w, "object", "response");
  weir_json_add_string (&w, "status", "failed");
  weir_json_open (&w, "error");
  weir_json_add_string (&w, "code", weir_error_get_info (code)->code);
  weir_json_add_string (&w, "message", message);
  weir_json_close (&w);
  weir_json_add_null (&w, "incomplete_details");
  weir_json_open_array (&w, "output");
  weir_json_close (&w);
  weir_json_add_null (&w, "usage");
  weir_json_close (&w);
  weir_json_close (&w);
  write_event (out, "response.failed", data);
}

void
weir_anthropic_write_error (GString *out,
                            WeirError code,
                            unsigned status,
                            const char *message,
                            const char *request_id)
{
  g_autofree char *told = NULL;
  WeirJsonWriter w;

  /* Claude Code knows by these words that it has to compact the conversation */
  if (code == WEIR_ERROR_CONTEXT && strstr (message, TOO_LONG) == NULL)
    told = g_strconcat (TOO_LONG ": ", message, NULL);
  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "type", "error");
  weir_json_open (&w, "error");
  weir_json_add_string (&w, "type", weir_error_get_info (code)->anthropic_type);
  weir_json_add_string (&w, "message", told != NULL ? told : message);
  if (code == WEIR_ERROR_THREAD)
    {
      /* the SDK's tool runner then sends the whole history instead (clients.md 3) */
      weir_json_open (&w, "details");
      weir_json_add_string (&w, "error_code", weir_error_get_info (code)->code);
      weir_json_open_array (&w, "unsupported");
      weir_json_add_string (&w, NULL, "thread");
      weir_json_close (&w);
      weir_json_close (&w);
    }
  weir_json_close (&w);
  if (request_id != NULL)
    weir_json_add_string (&w, "request_id", request_id);
  weir_json_close (&w);
}

void
weir_anthropic_write_stream_error (GString *out,
                                   WeirAnswerForm form,
                                   WeirError code,
                                   const char *message,
                                   const char *request_id)
{
  g_autoptr (GString) data = g_string_new (NULL);

  g_return_if_fail (form != WEIR_ANSWER_ARRAY);

  if (form != WEIR_ANSWER_SSE)
    return;
  weir_anthropic_write_error (data, code, 0, message, request_id);
  write_event (out, "error", data);
}

/* Gemini's command-line client breaks on a raw U+2028 (seen in version 0.61.0). */
void
weir_gemini_write_error (GString *out,
                         WeirError code,
                         unsigned status,
                         const char *message,
                         const char *request_id)
{
  const WeirErrorInfo *info = weir_error_get_info (code);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  w.ascii = TRUE;
  weir_json_open (&w, NULL);
  weir_json_open (&w, "error");
  weir_json_add_uint (&w, "code", status != 0 ? status : info->status);
  weir_json_add_string (&w, "message", message);
  weir_json_add_string (&w, "status", info->gemini_status);
  weir_json_close (&w);
  weir_json_close (&w);
}

void
weir_gemini_write_stream_error (GString *out,
                                WeirAnswerForm form,
                                WeirError code,
                                const char *message,
                                const char *request_id)
{
  g_autoptr (GString) data = g_string_new (NULL);

  if (form == WEIR_ANSWER_WHOLE)
    return;
  weir_gemini_write_error (data, code, 0, message, request_id);
  if (form == WEIR_ANSWER_SSE)
    write_event (out, NULL, data);
  else
    g_string_append_printf (out, ",%s]", data->str);
}
