/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Kiro: what was put in order for Anthropic's dialect goes up as a state of a conversation,
 * and comes back as Amazon's event stream (weir-kiro.h).  Who asks is said as it is: the
 * fields in which the vendor's own programs describe themselves are left out. */

#include "config.h"

#include "providers/weir-hook.h"

#include "base/weir-json-write.h"
#include "base/weir-json.h"
#include "chat/weir-kiro.h"
#include "chat/weir-protocol-request.h"

#include <string.h>

/* (transfer full): a UUID (RFC 9562, version 8) of our own id. */
static char *
make_conversation (const char *id)
{
  g_autofree char *hex
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, id != NULL ? id : "", -1);

  hex[12] = '8';
  hex[16] = "89ab"[g_ascii_xdigit_value (hex[16]) & 3];
  return g_strdup_printf ("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                          hex + 20);
}

static GBytes *
write_request (const WeirHookRequest *request, WeirSlice body, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (body.text, body.length);
  g_autoptr (WeirRequest) read
      = weir_anthropic_read_request (bytes, WEIR_SLICE (""), FALSE, error);
  g_autofree char *conversation = make_conversation (request->id);
  g_autoptr (GString) out = NULL;
  const WeirKiroContext context = {
    .conversation = conversation,
    .profile = request->project,
  };
  WeirWriteOptions options
      = { .on_loss = request->on_loss, .user_data = request->loss_data };

  if (read == NULL)
    return NULL;
  if (request->asked != NULL && !weir_kiro_check_options (request->asked, &options, error))
    return NULL;
  options.model = read->model;
  out = g_string_sized_new (body.length + 512);
  if (!weir_kiro_write_request (read, &context, &options, out, error))
    return NULL;
  return g_string_free_to_bytes (g_steal_pointer (&out));
}

/* --- answers --- */

/* A name of plain letters; what is none names nothing. */
static WeirSlice
get_name (const WeirEventStreamMessage *message)
{
  for (size_t i = 0; i < message->name.length; i++)
    if (!g_ascii_isalnum (message->name.text[i]) && message->name.text[i] != '-')
      return WEIR_SLICE ("unknown");
  return message->name;
}

/* Whatever is no event says that something went wrong. */
static void
append_name (const WeirEventStreamMessage *message, GString *out)
{
  if (!weir_slice_equal (message->kind, WEIR_SLICE ("event")))
    g_string_append (out, "exception.");
  weir_slice_append (get_name (message), out);
}

/* A line end inside JSON is white space, and an event's line must hold none. */
static void
append_data (const WeirEventStreamMessage *message, GString *out)
{
  const size_t start = out->len;
  WeirJsonWriter writer;

  if (message->payload.length > 0)
    {
      weir_slice_append (message->payload, out);
      for (size_t i = start; i < out->len; i++)
        if (out->str[i] == '\n' || out->str[i] == '\r')
          out->str[i] = ' ';
      return;
    }
  weir_json_writer_init (&writer, out);
  weir_json_open (&writer, NULL);
  if (message->error_message.length > 0)
    weir_json_add_text (&writer, "message", message->error_message);
  weir_json_close (&writer);
}

static void
write_message (const WeirEventStreamMessage *message, GString *out)
{
  g_string_append (out, "event: ");
  append_name (message, out);
  g_string_append (out, "\ndata: ");
  append_data (message, out);
  g_string_append (out, "\n\n");
}

static void
add_message (const WeirEventStreamMessage *message, gpointer user_data)
{
  GString *out = user_data;

  if (out->str[out->len - 1] != '[')
    g_string_append_c (out, ',');
  g_string_append (out, "{\"name\":\"");
  append_name (message, out);
  g_string_append (out, "\",\"data\":");
  append_data (message, out);
  g_string_append_c (out, '}');
}

/* {"events":[{"name":…,"data":…},…]} */
static GBytes *
fold (WeirSlice stream, GError **error)
{
  g_autoptr (GString) out = g_string_new ("{\"events\":[");
  g_auto (WeirEventStream) messages = { 0 };

  weir_event_stream_init (&messages, add_message, out);
  if (!weir_event_stream_feed (&messages, stream.text, stream.length, error))
    return NULL;
  g_string_append (out, "]}");
  if (weir_event_stream_is_idle (&messages))
    return g_string_free_to_bytes (g_steal_pointer (&out));
  weir_error_set (error, WEIR_ERROR_CUT,
                  "the upstream ended its answer before it was whole");
  return NULL;
}

/* A token that has expired is refused as one that may not, in words only (as several open
 * programs found, read 2026-11). */
static gboolean
refuses_token (unsigned status, WeirSlice body)
{
  static const char *const words[]
      = { "bearer token included in the request is invalid", "ExpiredToken",
          "expired token", "token has expired", "token is expired" };

  for (size_t i = 0; status == 403 && body.length > 0 && i < G_N_ELEMENTS (words); i++)
    if (memmem (body.text, body.length, words[i], strlen (words[i])) != NULL)
      return TRUE;
  return FALSE;
}

const WeirHook weir_hook_kiro = {
  .name = "kiro",
  .write_request = write_request,
  .fold = fold,
  .write_message = write_message,
  .new_decoder = weir_kiro_decoder_new,
  .refuses_token = refuses_token,
};
