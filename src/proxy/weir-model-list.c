/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model lists: OpenAI "List models", Anthropic "List models", Gemini "models.list" (API
 * references, read 2026-10).  Only what is known is said. */

#include "config.h"

#include "proxy/weir-model-list.h"

#include "base/weir-clock.h"
#include "base/weir-json-write.h"
#include "providers/weir-echo.h"

typedef struct
{
  const char *id;
  const char *owner;
  const char *title;       /* what people call it */
  uint64_t context_length; /* 0: not known */
  uint64_t max_output;     /* 0: not known */
} Entry;

WeirDialect
weir_model_list_choose (const WeirHttpHead *head, WeirDialect of_route)
{
  if (of_route == WEIR_DIALECT_GEMINI)
    return WEIR_DIALECT_GEMINI;
  if (weir_http_head_count (head, "anthropic-version") > 0)
    return WEIR_DIALECT_ANTHROPIC;
  if (weir_http_head_count (head, "x-goog-api-key") > 0)
    return WEIR_DIALECT_GEMINI;
  return WEIR_DIALECT_OPENAI_CHAT;
}

static void
write_openai (WeirJsonWriter *w, const char *name, Entry entry, int64_t since_us)
{
  weir_json_open (w, name);
  weir_json_add_string (w, "id", entry.id);
  weir_json_add_string (w, "object", "model");
  weir_json_add_int (w, "created", since_us / WEIR_USEC_PER_SEC);
  weir_json_add_string (w, "owned_by", entry.owner);
  if (entry.context_length > 0) /* as OpenRouter and others say it */
    weir_json_add_uint (w, "context_length", entry.context_length);
  if (entry.max_output > 0)
    weir_json_add_uint (w, "max_completion_tokens", entry.max_output);
  weir_json_close (w);
}

static void
write_anthropic (WeirJsonWriter *w, const char *name, Entry entry, int64_t since_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (since_us / WEIR_USEC_PER_SEC);
  g_autofree char *created = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

  weir_json_open (w, name);
  weir_json_add_string (w, "type", "model");
  weir_json_add_string (w, "id", entry.id);
  weir_json_add_string (w, "display_name", entry.title);
  weir_json_add_string (w, "created_at", created);
  if (entry.context_length > 0)
    weir_json_add_uint (w, "max_input_tokens", entry.context_length);
  if (entry.max_output > 0)
    weir_json_add_uint (w, "max_tokens", entry.max_output);
  weir_json_close (w);
}

static void
write_gemini (WeirJsonWriter *w, const char *name, Entry entry, int64_t since_us)
{
  static const char *const methods[]
      = { "generateContent", "streamGenerateContent", "countTokens" };
  g_autofree char *resource = g_strconcat ("models/", entry.id, NULL);

  weir_json_open (w, name);
  weir_json_add_string (w, "name", resource);
  weir_json_add_string (w, "baseModelId", entry.id);
  weir_json_add_string (w, "displayName", entry.title);
  weir_json_add_string (w, "description", entry.owner);
  if (entry.context_length > 0)
    weir_json_add_uint (w, "inputTokenLimit", entry.context_length);
  if (entry.max_output > 0)
    weir_json_add_uint (w, "outputTokenLimit", entry.max_output);
  weir_json_open_array (w, "supportedGenerationMethods");
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    weir_json_add_string (w, NULL, methods[i]);
  weir_json_close (w);
  weir_json_close (w);
}

static void
write_entry (
    WeirJsonWriter *w, const char *name, WeirDialect dialect, Entry entry, int64_t since_us)
{
  if (dialect == WEIR_DIALECT_ANTHROPIC)
    write_anthropic (w, name, entry, since_us);
  else if (dialect == WEIR_DIALECT_GEMINI)
    write_gemini (w, name, entry, since_us);
  else
    write_openai (w, name, entry, since_us);
}

static Entry
make_entry (const WeirModel *model, const char *id)
{
  return (Entry){ id, model->owner, model->display_name != NULL ? model->display_name : id,
                  model->context_length, model->max_output };
}

static const Entry echo = { WEIR_ECHO_MODEL, "weir", WEIR_ECHO_MODEL, 0, 0 };

static gboolean
offers_echo (const WeirRouting *routing, const WeirCaller *caller)
{
  return routing->config->echo_model
         && weir_caller_allows_model (caller, WEIR_ECHO_MODEL, NULL);
}

static GArray *
collect (WeirRouting *routing, const WeirCaller *caller)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  const GPtrArray *models = weir_models_get_list (routing->models);

  for (unsigned i = 0; i < models->len; i++)
    {
      const WeirModel *model = g_ptr_array_index (models, i);
      Entry entry = make_entry (model, model->id);

      if (weir_routing_lookup_model (routing, caller, model->id, NULL) != NULL
          && weir_caller_allows_model (caller, model->id, model))
        g_array_append_val (entries, entry);
    }
  if (offers_echo (routing, caller))
    g_array_append_val (entries, echo);
  return entries;
}

GBytes *
weir_model_list_write (WeirRouting *routing,
                       const WeirCaller *caller,
                       WeirDialect dialect,
                       int64_t since_us)
{
  g_autoptr (GArray) entries = collect (routing, caller);
  GString *out = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  if (dialect == WEIR_DIALECT_OPENAI_CHAT)
    weir_json_add_string (&w, "object", "list");
  weir_json_open_array (&w, dialect == WEIR_DIALECT_GEMINI ? "models" : "data");
  for (unsigned i = 0; i < entries->len; i++)
    write_entry (&w, NULL, dialect, g_array_index (entries, Entry, i), since_us);
  weir_json_close (&w);
  if (dialect == WEIR_DIALECT_ANTHROPIC)
    {
      weir_json_add_boolean (&w, "has_more", FALSE);
      if (entries->len > 0)
        {
          weir_json_add_string (&w, "first_id", g_array_index (entries, Entry, 0).id);
          weir_json_add_string (&w, "last_id",
                                g_array_index (entries, Entry, entries->len - 1).id);
        }
      else
        {
          weir_json_add_null (&w, "first_id");
          weir_json_add_null (&w, "last_id");
        }
    }
  weir_json_close (&w);
  return g_string_free_to_bytes (out);
}

GBytes *
weir_model_list_write_one (WeirRouting *routing,
                           const WeirCaller *caller,
                           WeirDialect dialect,
                           const char *id,
                           int64_t since_us)
{
  Entry entry = echo;
  GString *out;
  WeirJsonWriter w;

  if (!offers_echo (routing, caller) || !g_str_equal (id, WEIR_ECHO_MODEL))
    {
      const WeirModel *model = weir_routing_lookup_model (routing, caller, id, NULL);

      if (model == NULL || !weir_caller_allows_model (caller, id, model))
        return NULL;
      entry = make_entry (model, id);
    }
  out = g_string_new (NULL);
  weir_json_writer_init (&w, out);
  write_entry (&w, NULL, dialect, entry, since_us);
  return g_string_free_to_bytes (out);
}
