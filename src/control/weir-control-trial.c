/* SPDX-License-Identifier: GPL-3.0-or-later */

/* TestModel: one short question, sent to our own address like any client's, so that what
 * it proves is what a client would see. */

#include "config.h"

#include "control/weir-control-private.h"

#include "base/weir-clock.h"
#include "base/weir-json-write.h"
#include "base/weir-redact.h"
#include "proxy/weir-proxy-view.h"

#include <libsoup/soup.h>

#define TRIALS_MAX 4
#define TIMEOUT_S 60
#define MESSAGE_MAX_BYTES 512
#define ANSWER_MAX_BYTES ((size_t)1 << 20)

typedef struct
{
  WeirControl *control;        /* (unowned): not touched once its calls are cancelled */
  GDBusMethodInvocation *call; /* (owned) */
  SoupSession *session;        /* (owned) */
  SoupMessage *message;        /* (owned) */
  int64_t began_us;
  int64_t first_byte_us; /* -1: none yet */
} Trial;

static void
trial_free (Trial *self)
{
  g_object_unref (self->call);
  g_object_unref (self->message);
  g_object_unref (self->session);
  g_free (self);
}

/* A key that may ask for most: without models of its own if there is one. */
static const WeirConfigClientKey *
choose_key (const WeirConfig *config)
{
  const WeirConfigClientKey *best = NULL;
  const int64_t now_us = weir_clock_real_us ();

  for (unsigned i = 0; i < config->client_keys->len; i++)
    {
      const WeirConfigClientKey *key = g_ptr_array_index (config->client_keys, i);

      if (key->disabled || (key->expires_us > 0 && key->expires_us <= now_us))
        continue;
      if (*key->allowed_models == NULL && *key->excluded_models == NULL
          && *key->accounts == NULL && *key->groups == NULL)
        return key;
      if (best == NULL)
        best = key;
    }
  return best;
}

static GBytes *
make_body (const char *model)
{
  GString *text = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, text);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "model", model);
  weir_json_open_array (&w, "messages");
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "role", "user");
  weir_json_add_string (&w, "content", "Answer with the one word: ready");
  weir_json_close (&w);
  weir_json_close (&w);
  weir_json_add_uint (&w, "max_tokens", 64);
  weir_json_close (&w);
  return g_string_free_to_bytes (text);
}

static SoupMessage *
make_message (const char *endpoint, const WeirConfig *config, const char *model)
{
  g_autofree char *url = g_strconcat (endpoint, "/v1/chat/completions", NULL);
  g_autoptr (GBytes) body = make_body (model);
  const WeirConfigClientKey *key = choose_key (config);
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, url);
  SoupMessageHeaders *fields = soup_message_get_request_headers (message);

  soup_message_set_request_body_from_bytes (message, "application/json", body);
  soup_message_headers_replace (fields, "User-Agent", "weir-test/" WEIR_VERSION);
  if (key != NULL)
    {
      const WeirSlice secret = weir_secret_reveal (key->key);
      char *bearer = g_strdup_printf ("Bearer %.*s", (int)secret.length, secret.text);

      soup_message_headers_replace (fields, "Authorization", bearer);
      weir_secret_wipe_string (bearer);
    }
  return message;
}

/* Our own certificate, on our own loopback: it may be anyone's name. */
static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags flags,
                       gpointer user_data)
{
  return TRUE;
}

static void
on_got_headers (SoupMessage *message, gpointer user_data)
{
  Trial *self = user_data;

  self->first_byte_us = weir_clock_now_us () - self->began_us;
}

static void
answer (Trial *self, unsigned status, const char *text)
{
  const char *id = soup_message_headers_get_one (
      soup_message_get_response_headers (self->message), "x-request-id");
  const WeirActivityExchange *exchange
      = id != NULL ? weir_activity_lookup (self->control->activity, id) : NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "ok", "b", status == 200);
  g_variant_dict_insert (&dict, "status", "u", status);
  g_variant_dict_insert (&dict, "seat", "s", exchange != NULL ? exchange->seat : "");
  g_variant_dict_insert (&dict, "first-byte", "x", self->first_byte_us);
  g_variant_dict_insert (&dict, "total", "x", weir_clock_now_us () - self->began_us);
  g_variant_dict_insert (&dict, "message", "s", text);
  g_dbus_method_invocation_return_value (
      g_object_ref (self->call), g_variant_new ("(@a{sv})", g_variant_dict_end (&dict)));
}

/* The sentence of an error answer; its beginning where it is no such thing. */
static char *
dup_error_message (GBytes *body)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (body, &length);
  g_autofree char *message = NULL;
  WeirJson json = { 0 };

  if (text != NULL && weir_json_parse (&json, text, length, NULL, NULL))
    {
      const uint32_t error = weir_json_lookup (&json, 0, "error");
      const uint32_t item = error != 0 ? weir_json_lookup (&json, error, "message") : 0;

      message = item != 0 ? weir_json_dup_text (&json, item) : NULL;
    }
  weir_json_clear (&json);
  if (message != NULL)
    return weir_redact (weir_slice_from_string (message), MESSAGE_MAX_BYTES);
  return weir_redact ((WeirSlice){ text, length }, MESSAGE_MAX_BYTES);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Trial *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body
      = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  const unsigned status = soup_message_get_status (self->message);
  g_autofree char *message = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_dbus_method_invocation_return_dbus_error (g_object_ref (self->call),
                                                  "io.github.weirproxy.Weir1.Error.Failed",
                                                  "Weir is ending.");
      trial_free (self);
      return;
    }
  self->control->tests_under_way--;
  if (body == NULL)
    answer (self, 0, error->message);
  else
    {
      message = status == 200 ? g_strdup ("") : dup_error_message (body);
      answer (self, status, message);
    }
  trial_free (self);
}

void
weir_control_try_model (WeirControl *self, GDBusMethodInvocation *call, const char *model)
{
  g_autofree char *endpoint = weir_control_dup_endpoint (self);
  g_autoptr (GError) error = NULL;
  Trial *trial = NULL;

  if (endpoint == NULL || self->state != WEIR_CONTROL_RUNNING)
    weir_error_set (&error, WEIR_ERROR_NO_ACCOUNT,
                    "the proxy is stopped; start it to ask a model");
  else if (*model == '\0' || strlen (model) > 256)
    weir_error_set (&error, WEIR_ERROR_BAD_REQUEST, "that is no model's name");
  else if (self->tests_under_way >= TRIALS_MAX)
    weir_error_set (&error, WEIR_ERROR_OVERLOADED, "other tests are under way");
  if (error != NULL)
    {
      weir_control_fail (call, error);
      return;
    }
  trial = g_new0 (Trial, 1);
  trial->control = self;
  trial->call = call;
  trial->began_us = weir_clock_now_us ();
  trial->first_byte_us = -1;
  trial->session
      = soup_session_new_with_options ("timeout", TIMEOUT_S, "proxy-resolver", NULL, NULL);
  trial->message
      = make_message (endpoint, weir_proxy_get_routing (self->proxy)->config, model);
  g_signal_connect (trial->message, "got-headers", G_CALLBACK (on_got_headers), trial);
  g_signal_connect (trial->message, "accept-certificate",
                    G_CALLBACK (on_accept_certificate), NULL);
  self->tests_under_way++;
  soup_session_send_and_read_async (trial->session, trial->message, G_PRIORITY_DEFAULT,
                                    self->ends, read_cb, trial);
}
