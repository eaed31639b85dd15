/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests written for Anthropic Messages upstreams (API reference, read 2026-10): the
 * body. A request that came in this dialect goes out with every member as it came, but for
 * the model's name, what a suffix of it says about thinking, and messages that hold what
 * other vendors signed. */

#include "config.h"

#include "chat/weir-anthropic-writer.h"
#include "chat/weir-protocol-request.h"

/* Longer ones are refused (API reference, read 2026-10). */
#define USER_ID_MAX 256

/* What the writer says itself. */
static const WeirOption said_options[] = {
  WEIR_OPTION_MAX_OUTPUT_TOKENS,
  WEIR_OPTION_TEMPERATURE,
  WEIR_OPTION_TOP_P,
  WEIR_OPTION_TOP_K,
  WEIR_OPTION_USER,
  WEIR_OPTION_SAFETY_IDENTIFIER,
  WEIR_OPTION_LAST,
};

/* Members that an own request's suffix of the model's name stands against. */
static const char *const thinking_members[]
    = { "max_tokens",  "thinking", "output_config", "output_format",
        "temperature", "top_p",    "top_k" };

static gboolean
is_any_of (const WeirJson *json, uint32_t name, const char *const *words, size_t n_words)
{
  for (size_t i = 0; i < n_words; i++)
    if (weir_json_equals (json, name, words[i]))
      return TRUE;
  return FALSE;
}

/* A member of an own body that need not be looked into.  @thoughtless: a loop of calls in
 * which a model with a budget may not go on to think. */
static gboolean
is_copied (const WeirAnthropicWriter *self, uint32_t name, gboolean thoughtless)
{
  static const char *const written[] = { "model", "stream", "messages" };
  static const char *const of_budgets[] = { "thinking", "context_management" };
  const WeirJson *json = &self->request->json;

  if (thoughtless && is_any_of (json, name, of_budgets, G_N_ELEMENTS (of_budgets)))
    return FALSE;

  if (is_any_of (json, name, written, G_N_ELEMENTS (written)))
    return FALSE;
  return !self->request->thinking.from_name
         || !is_any_of (json, name, thinking_members, G_N_ELEMENTS (thinking_members));
}

static void
write_own_members (WeirAnthropicWriter *self)
{
  const WeirJson *json = &self->request->json;
  const gboolean thoughtless = self->request->thinking.mode == WEIR_THINKING_BUDGET
                               && weir_anthropic_is_in_thoughtless_loop (self->request);

  if (thoughtless)
    weir_anthropic_report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
  for (uint32_t i = weir_json_first (json, 0); i != 0; i = weir_json_next (json, 0, i))
    if (is_copied (self, i, thoughtless)
        && weir_json_get_type (json, i + 1) != WEIR_JSON_NULL)
      {
        g_autofree char *name = weir_json_dup_text (json, i);

        if (name != NULL)
          weir_json_add_raw (&self->json, name, weir_json_get_raw (json, i + 1));
      }
}

/* Of two names for the user one can be said. */
static void
write_metadata (WeirAnthropicWriter *self)
{
  const WeirSlice *options = self->request->options;
  const WeirSlice user = options[WEIR_OPTION_USER];
  const WeirSlice safety = options[WEIR_OPTION_SAFETY_IDENTIFIER];
  const WeirSlice id = user.length > 0 ? user : safety;

  if (user.length > 0 && safety.length > 0)
    weir_anthropic_report_option (self, WEIR_OPTION_SAFETY_IDENTIFIER, "safety_identifier");
  if (id.length == 0)
    return;
  if (id.length > USER_ID_MAX + 2)
    {
      weir_anthropic_report_option (self, WEIR_OPTION_USER, "user");
      return;
    }
  weir_json_open (&self->json, "metadata");
  weir_json_add_raw (&self->json, "user_id", id);
  weir_json_close (&self->json);
}

/* One of white space is refused (seen 2026-10). */
static void
write_stop (WeirAnthropicWriter *self)
{
  gboolean open = FALSE;

  for (const WeirName *stop = self->request->stop; stop != NULL; stop = stop->next)
    {
      if (weir_anthropic_is_blank (stop->name))
        {
          weir_anthropic_report (self, WEIR_LOSS_STOP, "stop");
          continue;
        }
      if (!open)
        weir_json_open_array (&self->json, "stop_sequences");
      open = TRUE;
      weir_json_add_escaped (&self->json, NULL, stop->name);
    }
  if (open)
    weir_json_close (&self->json);
}

static void
write_stream (WeirAnthropicWriter *self)
{
  if (self->options->stream
      || (self->own && weir_json_lookup (&self->request->json, 0, "stream") != 0))
    weir_json_add_boolean (&self->json, "stream", self->options->stream);
}

static void
write_own (WeirAnthropicWriter *self)
{
  if (self->request->thinking.from_name)
    weir_anthropic_write_output (self);
  write_own_members (self);
  weir_json_open_array (&self->json, "messages");
  weir_anthropic_write_own_messages (self);
  weir_json_close (&self->json);
}

static gboolean
write_foreign (WeirAnthropicWriter *self, GError **error)
{
  const WeirRequest *request = self->request;

  if (!weir_loss_check_options (request, WEIR_DIALECT_ANTHROPIC, said_options,
                                self->options->on_loss, self->options->user_data, error))
    return FALSE;
  weir_anthropic_report_unknown (self, request->unknown, NULL);
  weir_anthropic_write_output (self);
  write_metadata (self);
  write_stop (self);
  weir_anthropic_write_tools (self);
  return weir_anthropic_write_messages (self, error);
}

gboolean
weir_anthropic_write_request (const WeirRequest *request,
                              const WeirWriteOptions *options,
                              GString *out,
                              GError **error)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirAnthropicWriter self = {
    .request = request,
    .options = options,
    .own = request->origin == WEIR_DIALECT_ANTHROPIC,
    .scratch = scratch,
  };

  weir_anthropic_model_read (&self.model, options->model);
  weir_json_writer_init (&self.json, out);
  weir_json_open (&self.json, NULL);
  weir_json_add_escaped (&self.json, "model", options->model);
  write_stream (&self);
  if (self.own)
    write_own (&self);
  else if (!write_foreign (&self, error))
    return FALSE;
  weir_json_close (&self.json);
  return TRUE;
}
