/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes have places for who is asked; what stands there comes from a vendor once, so only
 * plain words are put in.  The vendor sees who we are: our own User-Agent, nobody else's.
 */

#include "config.h"

#include "control/weir-quota-ask.h"

#include "base/weir-clock.h"
#include "base/weir-json.h"

#include <string.h>

#define FIELDS_MAX G_N_ELEMENTS (((WeirQuotaRecipe *)NULL)->fields)
#define RESET_URL "https://chatgpt.com/backend-api/wham/rate-limit-reset-credits/consume"

/* --- a call --- */

/* Letters, digits and what ids of vendors have besides. */
static gboolean
is_plain (const char *text)
{
  if (text == NULL || *text == '\0' || strlen (text) > 200)
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("-_.:@", *text) == NULL)
      return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): @text with @value for @place; NULL: it wants a value that is
 * not there. */
static char *
fill_in (const char *text, const char *place, const char *value)
{
  g_autoptr (GString) out = g_string_new (text);

  if (strstr (text, place) == NULL)
    return g_strdup (text);
  if (!is_plain (value))
    return NULL;
  g_string_replace (out, place, value, 0);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* The fields of a call, and the memory behind them. */
typedef struct
{
  WeirControlField fields[FIELDS_MAX + 2];
  char *texts[FIELDS_MAX]; /* (owned) "Name\0value" */
  char *authorization;     /* (owned) a secret */
  unsigned n;
} Fields;

static void
fields_clear (Fields *self)
{
  for (unsigned i = 0; i < FIELDS_MAX; i++)
    g_free (self->texts[i]);
  weir_secret_wipe_string (self->authorization);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

/* "Name: value"; one that wants what is not known is left out. */
static void
add_field (Fields *self, unsigned at, const char *line, const char *vendor_id)
{
  char *text = fill_in (line, "{account}", vendor_id);
  char *colon = text != NULL ? strstr (text, ": ") : NULL;

  self->texts[at] = text;
  if (colon == NULL)
    return;
  *colon = '\0';
  self->fields[self->n++] = (WeirControlField){ .name = text, .value = colon + 2 };
}

static void
write_fields (Fields *self,
              const WeirQuotaQuestion *question,
              const char *prefix,
              const char *const *lines)
{
  const WeirSlice token = weir_secret_reveal (question->token);

  self->authorization = g_strdup_printf ("%s%.*s", prefix, (int)token.length, token.text);
  self->fields[self->n++]
      = (WeirControlField){ .name = "Authorization", .value = self->authorization };
  for (unsigned i = 0; i < FIELDS_MAX && lines[i] != NULL; i++)
    add_field (self, i, lines[i], question->vendor_id);
}

static WeirSecret *
make_body (const WeirQuotaQuestion *question)
{
  const char *body = question->recipe->body;
  g_autofree char *text = NULL;

  if (body == NULL)
    return NULL;
  text = fill_in (body, "{project}", question->project);
  return weir_secret_new (weir_slice_from_string (text != NULL ? text : "{}"));
}

/* --- what came --- */

typedef struct
{
  unsigned status;
  int64_t retry_us;
  GBytes *body; /* (owned) */
} Answer;

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_bytes_unref (self->body);
  g_free (self);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  unsigned status = 0;
  GBytes *body = weir_vendor_calls_ask_finish (result, &status, &error);
  Answer *answer;

  if (body == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  answer = g_new0 (Answer, 1);
  answer->status = status;
  answer->retry_us = weir_vendor_calls_get_retry_us (result);
  answer->body = body;
  g_task_return_pointer (task, answer, answer_free);
}

/* --- what is left --- */

void
weir_quota_ask_async (WeirVendorCalls *calls,
                      const WeirQuotaQuestion *question,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  const WeirQuotaRecipe *recipe = question->recipe;
  g_autoptr (WeirSecret) body = make_body (question);
  g_auto (Fields) fields = { 0 };
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_quota_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, (gpointer)(guintptr)recipe, NULL);
  write_fields (&fields, question, recipe->auth_prefix, recipe->fields);
  weir_vendor_calls_ask_async (calls,
                               &(const WeirVendorCall){
                                   .method = recipe->method,
                                   .url = recipe->url,
                                   .content_type = body != NULL ? "application/json" : NULL,
                                   .body = body,
                                   .fields = fields.fields,
                                   .proxy_url = question->proxy_url,
                               },
                               cancellable, asked_cb, task);
}

WeirQuotaOutcome
weir_quota_ask_finish (GAsyncResult *result,
                       WeirQuotaReading *out,
                       int64_t *out_retry_us,
                       GError **error)
{
  const WeirQuotaRecipe *recipe = g_task_get_task_data (G_TASK (result));
  g_autofree Answer *answer = g_task_propagate_pointer (G_TASK (result), error);
  g_autoptr (GBytes) body = answer != NULL ? answer->body : NULL;
  WeirSlice text;

  *out = (WeirQuotaReading){ 0 };
  *out_retry_us = answer != NULL ? answer->retry_us : 0;
  if (answer == NULL)
    return WEIR_QUOTA_UNAVAILABLE;
  text.text = g_bytes_get_data (body, &text.length);
  return weir_quota_recipe_read (recipe, answer->status, text, weir_clock_real_us (), out);
}

/* --- resets --- */

gboolean
weir_limit_reset_is_offered (const char *id)
{
  return strcmp (id, "codex") == 0;
}

void
weir_limit_reset_async (WeirVendorCalls *calls,
                        const WeirQuotaQuestion *question,
                        const char *request_id,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  static const char *const lines[FIELDS_MAX]
      = { "ChatGPT-Account-Id: {account}", "OpenAI-Beta: codex-1" };
  g_autofree char *text = g_strdup_printf ("{\"redeem_request_id\":\"%s\"}", request_id);
  g_autoptr (WeirSecret) body = weir_secret_new (weir_slice_from_string (text));
  g_auto (Fields) fields = { 0 };
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_limit_reset_async);
  g_task_set_check_cancellable (task, FALSE);
  write_fields (&fields, question, "Bearer ", lines);
  weir_vendor_calls_ask_async (calls,
                               &(const WeirVendorCall){
                                   .method = "POST",
                                   .url = RESET_URL,
                                   .content_type = "application/json",
                                   .body = body,
                                   .fields = fields.fields,
                                   .proxy_url = question->proxy_url,
                               },
                               cancellable, asked_cb, task);
}

static gboolean
read_reset (WeirSlice body, WeirLimitReset *out)
{
  static const struct
  {
    const char *code;
    WeirLimitReset reset;
  } codes[] = {
    { "reset", WEIR_LIMIT_RESET_DONE },
    { "already_redeemed", WEIR_LIMIT_RESET_DONE },
    { "nothing_to_reset", WEIR_LIMIT_RESET_NOTHING },
    { "no_credit", WEIR_LIMIT_RESET_NONE },
  };
  g_auto (WeirJson) json = { 0 };
  uint32_t code;

  if (!weir_json_parse (&json, body.text, body.length, NULL, NULL))
    return FALSE;
  code = weir_json_lookup (&json, 0, "code");
  for (size_t i = 0; i < G_N_ELEMENTS (codes) && code != 0; i++)
    if (weir_json_equals (&json, code, codes[i].code))
      {
        *out = codes[i].reset;
        return TRUE;
      }
  return FALSE;
}

gboolean
weir_limit_reset_finish (GAsyncResult *result, WeirLimitReset *out, GError **error)
{
  g_autofree Answer *answer = g_task_propagate_pointer (G_TASK (result), error);
  g_autoptr (GBytes) body = answer != NULL ? answer->body : NULL;
  WeirSlice text;

  if (answer == NULL)
    return FALSE;
  text.text = g_bytes_get_data (body, &text.length);
  switch (answer->status)
    {
    case 200:
      return read_reset (text, out)
             || weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                                "ChatGPT has answered something that is not known here");
    case 401:
      return weir_error_set (error, WEIR_ERROR_UNAUTHORIZED,
                             "ChatGPT does not take the sign-in any more");
    case 403:
      return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                             "ChatGPT does not let this account reset a limit");
    default:
      return weir_error_set (error, WEIR_ERROR_UPSTREAM, "ChatGPT has answered %u",
                             answer->status);
    }
}
