/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The head of an upstream's reply: which of its fields go on, what they say of the seat's
 * quota, and how the bytes behind it are framed. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "http/weir-http-write.h"

/* Fields of a reply that a client may see; a star ends a prefix. */
static const char *const passed_fields[] = {
  "retry-after",   "retry-after-ms",        "x-should-retry",
  "x-ratelimit-*", "anthropic-ratelimit-*",
};

/* With `passthrough-headers` all but these: what concerns the connection or the body, what
 * we say ourselves, what other proxies say of themselves, and what sends browsers
 * elsewhere.
 */
static const char *const withheld_fields[] = {
  "connection",
  "keep-alive",
  "proxy-*",
  "te",
  "trailer",
  "upgrade",
  "transfer-encoding",
  "set-cookie*",
  "content-*",
  "date",
  "x-request-id",
  "request-id",
  "cache-control",
  "alt-svc",
  "via",
  "strict-transport-security",
  "access-control-*",
  "x-litellm-*",
  "helicone-*",
  "x-portkey-*",
  "cf-aig-*",
  "x-kong-*",
  "x-bt-*",
  "server",
  "location",
  "refresh",
  "link",
  "clear-site-data",
  "www-authenticate",
};

static gboolean
is_among (const char *const *rows, size_t n_rows, WeirSlice name)
{
  for (size_t i = 0; i < n_rows; i++)
    {
      WeirSlice row = weir_slice_from_string (rows[i]);

      if (row.text[row.length - 1] == '*')
        {
          row.length--;
          if (name.length >= row.length
              && weir_slice_equal_nocase ((WeirSlice){ name.text, row.length }, row))
            return TRUE;
        }
      else if (weir_slice_equal_nocase (name, row))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_passed (WeirSlice name)
{
  return is_among (passed_fields, G_N_ELEMENTS (passed_fields), name);
}

static gboolean
is_harmless (WeirSlice name)
{
  return !is_among (withheld_fields, G_N_ELEMENTS (withheld_fields), name);
}

/* Connection names further fields that end here (RFC 9110, 7.6.1). */
static gboolean
is_of_connection (const WeirHttpHead *head, WeirSlice name)
{
  g_autofree char *token = weir_slice_dup (name);

  return weir_http_head_has_token (head, "connection", token);
}

/* Seconds (RFC 9110, 10.2.3) or a date; what is neither would only confuse a client. */
static gboolean
is_delay (WeirSlice value)
{
  g_autofree char *text = weir_slice_dup (value);

  if (value.length > 0 && value.length < 10 && strspn (text, "0123456789") == value.length)
    return TRUE;
  return value.length == 29 && g_str_has_suffix (text, " GMT") && text[3] == ',';
}

/* Some upstreams say back what they were sent: what has our key in it is nobody's business.
 */
gboolean
weir_exchange_says_our_key (const WeirExchange *self, WeirSlice text)
{
  const WeirSecret *secret = weir_exchange_get_secret (self);
  WeirSlice key = { NULL, 0 };

  if (secret != NULL)
    key = weir_secret_reveal (secret);
  return key.length > 0 && text.length > 0
         && memmem (text.text, text.length, key.text, key.length) != NULL;
}

/* In Responses a failure is an answer like any other, and clients go by the words in it:
 * what nobody else would do better is passed on as it is. */
gboolean
weir_exchange_passes_failure (const WeirExchange *self, const WeirVerdict *verdict)
{
  static const char created[] = "response.created";

  return self->route->dialect == WEIR_DIALECT_OPENAI_RESPONSES && !self->translated
         && self->state == WEIR_EXCHANGE_PROBING
         && verdict->action == WEIR_VERDICT_CLIENT_FAULT
         && memmem (self->held->data, self->held->len, created, strlen (created)) != NULL
         && !weir_exchange_says_our_key (
             self, (WeirSlice){ (const char *)self->held->data, self->held->len });
}

static void
add_field (GString **fields, const WeirHttpField *field)
{
  g_autofree char *name = weir_slice_dup (field->name);

  if (*fields == NULL)
    *fields = g_string_new (NULL);
  weir_http_write_field (*fields, name, field->value);
}

static gboolean
is_for_client (const WeirExchange *self,
               const WeirHttpHead *head,
               const WeirHttpField *field)
{
  if (is_passed (field->name))
    return g_ascii_strncasecmp (field->name.text, "retry-after",
                                MIN (field->name.length, 11))
               != 0
           || is_delay (field->value);
  return self->routing->config->passthrough_headers && is_harmless (field->name)
         && !is_of_connection (head, field->name);
}

void
weir_exchange_tell_quota (const WeirExchange *self, const WeirQuotaReading *reading)
{
  if (self->holds_seat && self->host->quota != NULL)
    self->host->quota (weir_seat_get_subject (self->seat), reading, self->host->quota_data);
}

/* What the seat's vendor says by the way of what is left; the newest word counts. */
static void
note_quota (const WeirExchange *self, const WeirQuotaFields *fields)
{
  const int64_t real_us = weir_clock_real_us ();
  const int64_t now_us = weir_clock_now_us ();
  WeirQuotaWindow windows[WEIR_POOL_WINDOWS_MAX];
  WeirQuotaReading reading;
  unsigned n;

  if (fields->n == 0 || !weir_quota_read_fields (fields, real_us, &reading))
    {
      weir_exchange_tell_quota (self, NULL);
      return;
    }
  n = weir_quota_window_from_reading (&reading, now_us, real_us, windows,
                                      G_N_ELEMENTS (windows));
  if (n > 0)
    weir_pool_seat_set_windows (self->seat->state, windows, n, now_us);
  weir_exchange_tell_quota (self, &reading);
}

void
weir_exchange_keep_fields (WeirExchange *self, const WeirHttpHead *head)
{
  const gboolean failed = head->status >= 400;
  WeirQuotaFields quota;

  quota.n = 0;
  for (unsigned i = 0; i < head->n_fields; i++)
    {
      const WeirHttpField *field = &head->fields[i];

      if (weir_exchange_says_our_key (self, field->value))
        continue;
      if (is_for_client (self, head, field))
        add_field (&self->reply_fields, field);
      if (failed && weir_verdict_reads_field (field->name))
        add_field (&self->verdict_fields, field);
      weir_quota_fields_add (&quota, field->name, field->value);
    }
  if (self->holds_seat)
    note_quota (self, &quota);
}

/* Does the type/subtype of Content-Type equal @type? */
static gboolean
is_type (WeirSlice value, const char *type)
{
  size_t length = strlen (type);

  return value.length >= length
         && weir_slice_equal_nocase ((WeirSlice){ value.text, length },
                                     (WeirSlice){ type, length })
         && (value.length == length || value.text[length] == ';'
             || value.text[length] == ' ');
}

/* How the bytes behind @head are framed for the dialect; FALSE when they cannot be. */
gboolean
weir_exchange_decide_form (WeirExchange *self, const WeirHttpHead *head, GError **error)
{
  WeirSlice type = weir_http_head_get (head, "content-type");
  gboolean json = is_type (type, "application/json");

  if (self->is_opaque)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "the upstream compressed its answer unasked");
  if (is_type (type, "text/html"))
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "the upstream answered with a web page");
  self->form = WEIR_ANSWER_WHOLE;
  if (!self->wants_stream)
    {
      if (is_type (type, "text/event-stream") && !weir_exchange_only_streams (self))
        return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                               "the upstream streamed an answer unasked");
      return TRUE;
    }
  if (is_type (type, "text/event-stream") || !json)
    self->form = WEIR_ANSWER_SSE; /* some compatible servers name no type at all */
  else if (self->route->dialect == WEIR_DIALECT_GEMINI && !self->translated)
    self->form = WEIR_ANSWER_ARRAY;
  return TRUE;
}
