/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From a request as it is written to one of the control session's calls.  What answers mean
 * is for others. */

#include "config.h"

#include "control/weir-vendor-call.h"

#include "base/weir-clock.h"
#include "providers/weir-verdict-when.h"

struct _WeirVendorCalls
{
  WeirControlSession *session; /* (owned) */
  WeirConfig *config;          /* (owned) */
  GCancellable *stop;          /* (owned) of every call under way */
};

WeirVendorCalls *
weir_vendor_calls_new (WeirPoller *poller, GTlsDatabase *trust, WeirConfig *config)
{
  WeirVendorCalls *self = g_new0 (WeirVendorCalls, 1);

  self->session = weir_control_session_new (poller, trust);
  self->config = weir_config_ref (config);
  self->stop = g_cancellable_new ();
  return self;
}

void
weir_vendor_calls_free (WeirVendorCalls *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->stop);
  g_object_unref (self->stop);
  weir_control_session_free (self->session);
  weir_config_unref (self->config);
  g_free (self);
}

void
weir_vendor_calls_set_config (WeirVendorCalls *self, WeirConfig *config)
{
  weir_config_ref (config);
  weir_config_unref (self->config);
  self->config = config;
}

WeirConfig *
weir_vendor_calls_get_config (const WeirVendorCalls *self)
{
  return self->config;
}

void
weir_vendor_calls_set_own_port (WeirVendorCalls *self, uint16_t port)
{
  weir_control_session_set_own_port (self->session, port);
}

/* (transfer full) (nullable): where @url leads; *out_path points into it, or is "/". */
static WeirTarget *
make_target (const WeirConfig *config,
             const char *url,
             const char *proxy_url,
             const char **out_path,
             GError **error)
{
  const char *host = strstr (url, "://");
  const char *path = host != NULL ? strpbrk (host + 3, "/?#") : NULL;
  g_autofree char *origin
      = path != NULL ? g_strndup (url, (size_t)(path - url)) : g_strdup (url);

  *out_path = path != NULL ? path : "/";
  if (proxy_url == NULL || *proxy_url == '\0')
    proxy_url = config->proxy_url;
  return weir_target_new (origin, proxy_url, NULL, error);
}

/* Of an answer, besides its body; lives as its task's data. */
typedef struct
{
  unsigned status;
  int64_t retry_us;
} Said;

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  const char *retry = NULL;
  Said *said = NULL;
  unsigned status = 0;
  GBytes *body = weir_control_session_get_finish (result, &status, &error);

  if (body == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  said = g_new0 (Said, 1);
  said->status = status;
  retry = weir_control_session_get_field (result, "Retry-After");
  if (retry != NULL)
    said->retry_us = weir_when_read (weir_slice_from_string (retry), weir_clock_real_us ());
  g_task_set_task_data (task, said, g_free);
  g_task_return_pointer (task, body, (GDestroyNotify)g_bytes_unref);
}

void
weir_vendor_calls_ask_async (WeirVendorCalls *self,
                             const WeirVendorCall *call,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *url = weir_config_dup_vendor_url (self->config, call->url);
  g_autoptr (GArray) fields = g_array_new (TRUE, TRUE, sizeof (WeirControlField));
  g_autoptr (GError) error = NULL;
  const char *path = NULL;
  char *authorization = NULL;
  g_autoptr (WeirTarget) target
      = make_target (self->config, url, call->proxy_url, &path, &error);
  const WeirControlField own[] = {
    { "Accept", "application/json" },
    { "User-Agent", "weir/" WEIR_VERSION },
  };

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vendor_calls_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  if (target == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (call->authorization != NULL)
    {
      WeirControlField field = { .name = "Authorization" };

      field.value = authorization
          = weir_slice_dup (weir_secret_reveal (call->authorization));
      g_array_append_val (fields, field);
    }
  g_array_append_vals (fields, own, G_N_ELEMENTS (own));
  for (const WeirControlField *field = call->fields; field != NULL && field->name != NULL;
       field++)
    g_array_append_val (fields, *field);
  weir_control_session_call (self->session, target,
                             &(const WeirControlCall){
                                 .method = call->method,
                                 .path_and_query = path,
                                 .fields = (const WeirControlField *)(void *)fields->data,
                                 .content_type = call->content_type,
                                 .body = call->body,
                                 .deadline_us = WEIR_VENDOR_CALL_US,
                                 .body_max = WEIR_OAUTH_ANSWER_MAX,
                             },
                             cancellable != NULL ? cancellable : self->stop, asked_cb,
                             g_object_ref (task));
  weir_secret_wipe_string (authorization);
}

GBytes *
weir_vendor_calls_ask_finish (GAsyncResult *result, unsigned *out_status, GError **error)
{
  GBytes *body = g_task_propagate_pointer (G_TASK (result), error);

  if (body != NULL)
    *out_status = ((const Said *)g_task_get_task_data (G_TASK (result)))->status;
  return body;
}

int64_t
weir_vendor_calls_get_retry_us (GAsyncResult *result)
{
  const Said *said = g_task_get_task_data (G_TASK (result));

  return said != NULL ? said->retry_us : 0;
}

typedef struct
{
  WeirAccountsAnswerFunc answer;
  gpointer answer_data;
  GCancellable *stop; /* (owned) */
} Sending;

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Sending *self = user_data;
  g_autoptr (GCancellable) stop = self->stop;
  g_autoptr (GError) error = NULL;
  unsigned status = 0;
  g_autoptr (GBytes) body = weir_vendor_calls_ask_finish (result, &status, &error);
  WeirSlice text = { NULL, 0 };

  if (g_cancellable_is_cancelled (stop))
    return; /* there is nobody to tell */
  if (body != NULL)
    text.text = g_bytes_get_data (body, &text.length);
  else
    g_debug ("a vendor gave no answer: %s", error->message);
  self->answer (body != NULL ? status : 0, text, self->answer_data);
}

void
weir_vendor_calls_send (const WeirOauthRequest *request,
                        const char *proxy_url,
                        WeirAccountsAnswerFunc answer,
                        gpointer answer_data,
                        gpointer user_data)
{
  WeirVendorCalls *self = user_data;
  const WeirVendorCall call = {
    .method = request->method,
    .url = request->url,
    .content_type = request->content_type,
    .body = request->body,
    .authorization = request->authorization,
    .proxy_url = proxy_url,
  };
  Sending *sending = g_new0 (Sending, 1);

  sending->answer = answer;
  sending->answer_data = answer_data;
  sending->stop = g_object_ref (self->stop);
  weir_vendor_calls_ask_async (self, &call, NULL, sent_cb, sending);
}

gboolean
weir_vendor_calls_get_client (const WeirProviderOauth *row,
                              WeirOauthClient *out,
                              gpointer user_data)
{
  WeirVendorCalls *self = user_data;
  const WeirConfigOauthClient *client
      = weir_config_lookup_oauth_client (self->config, row->id);

  *out = (WeirOauthClient){ .row = row };
  if (client != NULL)
    {
      out->client_id = client->client_id != NULL && *client->client_id != '\0'
                           ? client->client_id
                           : NULL;
      out->client_secret = client->client_secret;
    }
  return weir_oauth_client_check (out, NULL);
}
