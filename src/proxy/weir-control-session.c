/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One call by libsoup, hedged about:
 *
 *   send -> read, read, … -> return
 *
 * Whatever stops a call early (deadline, cap, forbidden address, the caller) cancels the
 * libsoup call under way; its callback is the way out. */

#include "config.h"

#include "proxy/weir-control-session.h"

#include <libsoup/soup.h>

#include "base/weir-clock.h"
#include "http/weir-http-write.h"
#include "proxy/weir-address.h"
#include "proxy/weir-trust.h"

#define READ_BYTES 65536

struct _WeirControlSession
{
  WeirPoller *poller;  /* (unowned) */
  GTlsDatabase *trust; /* (owned) */
  uint16_t own_port;
};

/* Bytes that leave no copy of themselves behind. */
typedef struct
{
  char *text; /* (owned) (nullable) */
  size_t length;
  size_t room;
} Body;

static void
body_clear (Body *self)
{
  if (self->text != NULL)
    explicit_bzero (self->text, self->room);
  g_clear_pointer (&self->text, g_free);
  self->length = self->room = 0;
}

/* Makes room for @more bytes behind the others. */
static void
body_reserve (Body *self, size_t more)
{
  Body grown
      = { .length = self->length, .room = MAX (self->room * 2, self->length + more) };

  if (self->room - self->length >= more)
    return;
  grown.text = g_malloc (grown.room);
  if (self->length > 0)
    memcpy (grown.text, self->text, self->length);
  body_clear (self);
  *self = grown;
}

static void
body_free (gpointer data)
{
  body_clear (data);
  g_free (data);
}

/* (transfer full): empties @self. */
static GBytes *
body_take (Body *self)
{
  Body *kept = g_memdup2 (self, sizeof *self);

  *self = (Body){ 0 };
  return g_bytes_new_with_free_func (kept->text, kept->length, body_free, kept);
}

/* One call; lives as its task's data. */
typedef struct
{
  WeirPoller *poller; /* (unowned) */
  WeirTarget *target; /* (owned) */
  uint16_t own_port;
  SoupSession *session; /* (owned) */
  SoupMessage *message; /* (owned) */
  GInputStream *stream; /* (owned) (nullable) */
  Body body;
  size_t body_max;
  WeirTimer deadline;
  int64_t deadline_us;
  GCancellable *stop;  /* (owned) of the libsoup calls */
  GError *stopped;     /* (owned) (nullable) why we stopped them ourselves */
  gulong cancelled_id; /* on the task's cancellable */
} Call;

static void
call_free (gpointer data)
{
  Call *self = data;

  weir_poller_clear_timer (self->poller, &self->deadline);
  weir_target_free (self->target);
  g_clear_object (&self->stream);
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  g_clear_object (&self->session);
  g_clear_object (&self->stop);
  g_clear_error (&self->stopped);
  body_clear (&self->body);
  g_free (self);
}

/* (transfer full) for @error; the first reason counts. */
static void
call_stop (Call *self, GError *error)
{
  if (self->stopped != NULL)
    {
      g_error_free (error);
      return;
    }
  self->stopped = error;
  g_cancellable_cancel (self->stop);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  call_stop (user_data,
             g_error_new (WEIR_ERROR, WEIR_ERROR_CANCELLED, "the call was given up"));
}

static void
on_deadline (WeirTimer *timer)
{
  Call *self = WEIR_CONTAINER_OF (timer, Call, deadline);

  call_stop (self,
             g_error_new (WEIR_ERROR, WEIR_ERROR_UPSTREAM_TIMEOUT,
                          "no whole answer from %s within %d s", self->target->authority,
                          (int)(self->deadline_us / G_USEC_PER_SEC)));
}

static void
on_network_event (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  gpointer user_data)
{
  Call *self = user_data;
  g_autoptr (GSocketAddress) remote = NULL;
  GError *error = NULL;

  if (!G_IS_SOCKET_CONNECTION (connection))
    return;
  if (event == G_SOCKET_CLIENT_CONNECTING)
    remote
        = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (connection), NULL);
  if (remote != NULL && !weir_address_allow (remote, self->target, self->own_port, &error))
    call_stop (self, error);
  else if (event == G_SOCKET_CLIENT_CONNECTED
           && !weir_address_allow_connected (G_SOCKET_CONNECTION (connection), self->target,
                                             self->own_port, &error))
    call_stop (self, error);
}

/* The one exit: @error (nullable) is libsoup's. */
static void
call_return (GTask *task, const GError *error)
{
  Call *self = g_task_get_task_data (task);
  WeirError code = WEIR_ERROR_UPSTREAM;

  weir_poller_clear_timer (self->poller, &self->deadline);
  g_cancellable_disconnect (g_task_get_cancellable (task), self->cancelled_id);
  if (self->stopped != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&self->stopped));
      return;
    }
  if (error == NULL)
    {
      g_task_return_pointer (task, body_take (&self->body), (GDestroyNotify)g_bytes_unref);
      return;
    }
  if (error->domain == G_TLS_ERROR)
    code = WEIR_ERROR_UPSTREAM_TLS;
  g_task_return_new_error (task, WEIR_ERROR, (int)code, "cannot ask %s: %s",
                           self->target->authority, error->message);
}

/* The answer ended: was it whole? */
static void
check_end (GTask *task)
{
  Call *self = g_task_get_task_data (task);
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
      && (uint64_t)soup_message_headers_get_content_length (headers) != self->body.length)
    call_stop (self, g_error_new (WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM,
                                  "the answer of %s was cut", self->target->authority));
  call_return (task, NULL);
}

static void read_more (GTask *task);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gssize length = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (length < 0 || self->stopped != NULL)
    {
      call_return (task, error);
      return;
    }
  if (length == 0)
    {
      check_end (task);
      return;
    }
  self->body.length += (size_t)length;
  if (self->body.length > self->body_max)
    {
      call_stop (self,
                 g_error_new (WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM,
                              "the answer of %s is too long", self->target->authority));
      call_return (task, NULL);
      return;
    }
  read_more (task);
}

static void
read_more (GTask *task)
{
  Call *self = g_task_get_task_data (task);

  body_reserve (&self->body, READ_BYTES);
  g_input_stream_read_async (self->stream, self->body.text + self->body.length, READ_BYTES,
                             G_PRIORITY_DEFAULT, self->stop, read_cb, g_object_ref (task));
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  const char *coding;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (self->stream == NULL || self->stopped != NULL)
    {
      call_return (task, error);
      return;
    }
  coding = soup_message_headers_get_list (soup_message_get_response_headers (self->message),
                                          "Content-Encoding");
  if (coding != NULL && g_ascii_strcasecmp (coding, "identity") != 0)
    {
      call_stop (self,
                 g_error_new (WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM,
                              "the answer of %s is coded although we did not ask for it",
                              self->target->authority));
      call_return (task, NULL);
      return;
    }
  read_more (task);
}

/* GIO has asked our trust store and it said no. */
static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags flags,
                       gpointer user_data)
{
  Call *self = user_data;

  call_stop (self, g_error_new (WEIR_ERROR, WEIR_ERROR_UPSTREAM_TLS,
                                "%s is not trusted: %s", self->target->authority,
                                weir_trust_describe (certificate, flags)));
  return FALSE;
}

static SoupSession *
make_session (WeirControlSession *self, const WeirTarget *target)
{
  g_autoptr (GProxyResolver) resolver = weir_address_dup_proxy_resolver (target);
  SoupSession *session = soup_session_new ();

  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_SNIFFER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_COOKIE_JAR);
  soup_session_set_timeout (session, 0); /* the deadline is ours */
  soup_session_set_proxy_resolver (session, resolver);
  soup_session_set_tls_database (session, self->trust);
  return session;
}

static void
set_body (SoupMessage *message, const char *content_type, WeirSecret *body)
{
  const WeirSlice text = weir_secret_reveal (body);
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (
      text.text, text.length, (GDestroyNotify)weir_secret_unref, weir_secret_ref (body));

  soup_message_set_request_body_from_bytes (message, content_type, bytes);
}

/* (transfer full) (nullable): NULL for a field or path that may not stand in a head. */
static SoupMessage *
make_message (Call *self, const WeirControlCall *call)
{
  g_autofree char *text
      = g_strdup_printf ("%s://%s%s%s", self->target->tls ? "https" : "http",
                         self->target->authority, self->target->path, call->path_and_query);
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (SoupMessage) message
      = uri != NULL ? soup_message_new_from_uri (call->method, uri) : NULL;
  const WeirControlField *fields = call->fields;
  SoupMessageHeaders *headers;

  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION
                                       | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  headers = soup_message_get_request_headers (message);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  for (; fields->name != NULL; fields++)
    {
      if (!weir_http_is_field (weir_slice_from_string (fields->name),
                               weir_slice_from_string (fields->value)))
        return NULL;
      soup_message_headers_replace (headers, fields->name, fields->value);
    }
  if (call->body != NULL)
    set_body (message, call->content_type, call->body);
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), self);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (on_accept_certificate),
                    self);
  return g_steal_pointer (&message);
}

void
weir_control_session_prepare_process (void)
{
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
}

WeirControlSession *
weir_control_session_new (WeirPoller *poller, GTlsDatabase *trust)
{
  WeirControlSession *self = g_new0 (WeirControlSession, 1);

  self->poller = poller;
  self->trust = g_object_ref (trust);
  return self;
}

void
weir_control_session_free (WeirControlSession *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->trust);
  g_free (self);
}

void
weir_control_session_set_own_port (WeirControlSession *self, uint16_t port)
{
  self->own_port = port;
}

void
weir_control_session_call (WeirControlSession *self,
                           const WeirTarget *target,
                           const WeirControlCall *call,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Call *data = g_new0 (Call, 1);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_control_session_call);
  /* a cancelled call says so in our own words */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, data, call_free);
  data->poller = self->poller;
  data->own_port = self->own_port;
  data->target = weir_target_copy (target);
  data->body_max = call->body_max > 0 ? call->body_max : WEIR_CONTROL_BODY_MAX;
  data->deadline_us = call->deadline_us > 0 ? call->deadline_us : WEIR_CONTROL_DEADLINE_US;
  data->stop = g_cancellable_new ();
  data->message = make_message (data, call);
  if (data->message == NULL)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_CONFIG,
                               "a header field or path for %s is broken",
                               target->authority);
      return;
    }
  data->session = make_session (self, target);
  data->deadline.func = on_deadline;
  weir_poller_set_timer (self->poller, &data->deadline,
                         weir_clock_now_us () + data->deadline_us);
  soup_session_send_async (data->session, data->message, G_PRIORITY_DEFAULT, data->stop,
                           sent_cb, g_object_ref (task));
  if (cancellable != NULL)
    data->cancelled_id
        = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), data, NULL);
}

void
weir_control_session_get (WeirControlSession *self,
                          const WeirTarget *target,
                          const char *path_and_query,
                          const WeirControlField *fields,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  const WeirControlCall call
      = { .method = "GET", .path_and_query = path_and_query, .fields = fields };

  weir_control_session_call (self, target, &call, cancellable, callback, user_data);
}

GBytes *
weir_control_session_get_finish (GAsyncResult *result, unsigned *out_status, GError **error)
{
  Call *call = g_task_get_task_data (G_TASK (result));
  GBytes *bytes = g_task_propagate_pointer (G_TASK (result), error);

  if (bytes != NULL)
    *out_status = soup_message_get_status (call->message);
  return bytes;
}

const char *
weir_control_session_get_field (GAsyncResult *result, const char *name)
{
  const Call *call = g_task_get_task_data (G_TASK (result));

  return soup_message_headers_get_list (soup_message_get_response_headers (call->message),
                                        name);
}
