/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The proxy put together: poller, upstream, listener, front door, and the configuration
 * that they follow.  Also the one place that knows how it all ends. */

#include "config.h"

#include "proxy/weir-proxy.h"

#include "base/weir-clock.h"
#include "base/weir-json-write.h"
#include "proxy/weir-catalogue.h"
#include "proxy/weir-front-door.h"
#include "proxy/weir-listener.h"
#include "proxy/weir-memory.h"
#include "proxy/weir-service-accounts.h"
#include "proxy/weir-proxy-view.h"

#include <errno.h>
#include <sys/random.h>

/* What a client gets to read its last bytes, once everything has been said. */
#define FAREWELL_US (3 * WEIR_USEC_PER_SEC)
/* What is remembered of responses for those that follow them. */
#define RESPONSES_MAX 512
#define RESPONSES_BYTES_MAX ((size_t)64 << 20)
#define RESPONSES_AGE_US (3600 * WEIR_USEC_PER_SEC)

struct _WeirProxy
{
  WeirPoller *poller;     /* (owned) */
  WeirUpstream *upstream; /* (owned) */
  WeirExchangeHost host;
  WeirResponseStore *responses;          /* (owned) */
  WeirFrontDoor *door;                   /* (owned) */
  WeirListener *listener;                /* (owned) (nullable) */
  WeirPool *pool;                        /* (owned) outlives every routing */
  WeirLimits *limits;                    /* (owned) */
  WeirMemory *memory;                    /* (owned) (nullable) */
  WeirConfig *config;                    /* (owned) */
  GPtrArray *accounts;                   /* (owned) (nullable) of WeirAccount */
  WeirRouting *routing;                  /* (owned) */
  WeirCatalogue *catalogue;              /* (owned) (nullable) */
  WeirServiceAccounts *service_accounts; /* (owned) (nullable) */
  int port_override;
  int64_t started_us;
  WeirTimer grace;
  gboolean draining;
  gboolean shut_down;
  GFunc done; /* (nullable) */
  gpointer done_data;
};

static void
follow_routing (WeirProxy *self, gboolean ask_all)
{
  gboolean any_tls = FALSE;

  for (unsigned i = 0; i < self->routing->seats->len; i++)
    any_tls |= ((const WeirSeat *)g_ptr_array_index (self->routing->seats, i))->target->tls;
  if (any_tls)
    weir_upstream_prefetch_trust (self->upstream);
  weir_service_accounts_follow (self->service_accounts, self->routing,
                                weir_proxy_get_port (self));
  weir_catalogue_follow (self->catalogue, self->routing, weir_proxy_get_port (self),
                         ask_all);
}

static const char *
get_listen_host (const WeirConfig *config)
{
  return *config->host == '\0' && config->listen_lan ? "*" : config->host;
}

static uint16_t
get_listen_port (const WeirProxy *self, const WeirConfig *config)
{
  return self->port_override >= 0 ? (uint16_t)self->port_override : config->port;
}

static gboolean
load_certificate (const WeirConfig *config, GTlsCertificate **out, GError **error)
{
  g_autoptr (GError) reason = NULL;

  *out = NULL;
  if (!config->tls_enable)
    return TRUE;
  *out = g_tls_certificate_new_from_files (config->tls_certificate, config->tls_key,
                                           &reason);
  if (*out != NULL)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_CONFIG,
                         "cannot read tls.cert \"%s\" with tls.key \"%s\": %s",
                         config->tls_certificate, config->tls_key, reason->message);
}

static void
make_instance (WeirExchangeHost *host)
{
  uint64_t random[2] = { 0 };

  if (getrandom (random, sizeof random, 0) != sizeof random)
    g_error ("the kernel gives no random bytes: %s", g_strerror (errno));
  host->id_base = random[0];
  g_snprintf (host->instance, sizeof host->instance, "weir-%08" G_GINT64_MODIFIER "x",
              random[1] & 0xffffffffu);
}

static void
set_pool_rules (WeirProxy *self)
{
  const WeirConfig *config = self->config;
  const int rest_s = config->transient_error_cooldown_s;
  const WeirPoolRules rules = {
    .transient_rest_us = (rest_s > 0    ? rest_s
                          : rest_s == 0 ? 60
                                        : 0)
                         * WEIR_USEC_PER_SEC,
    .affinity_ttl_us = (int64_t)config->session_affinity_ttl_s * WEIR_USEC_PER_SEC,
  };

  weir_pool_set_rules (self->pool, &rules);
}

WeirProxy *
weir_proxy_new (WeirConfig *config,
                int port_override,
                WeirLogFunc log,
                gpointer user_data,
                GError **error)
{
  g_autoptr (WeirProxy) self = g_new0 (WeirProxy, 1);

  self->port_override = port_override;
  self->started_us = weir_clock_now_us ();
  self->config = weir_config_ref (config);
  self->poller = weir_poller_new (NULL);
  self->upstream = weir_upstream_new (
      self->poller, *config->upstream_ca_file != '\0' ? config->upstream_ca_file : NULL,
      error);
  if (self->upstream == NULL)
    return NULL;
  self->host.limits = self->limits
      = weir_limits_new (self->started_us, weir_clock_real_us ());
  self->host.pool = self->pool = weir_pool_new ();
  set_pool_rules (self);
  self->routing = weir_routing_new (config, NULL, self->pool, NULL, error);
  if (self->routing == NULL)
    return NULL;
  self->host.poller = self->poller;
  self->host.upstream = self->upstream;
  self->responses = self->host.responses
      = weir_response_store_new (RESPONSES_MAX, RESPONSES_BYTES_MAX, RESPONSES_AGE_US);
  self->host.log = log;
  self->host.log_data = user_data;
  make_instance (&self->host);
  self->door = weir_front_door_new (&self->host);
  weir_front_door_set_routing (self->door, self->routing);
  self->service_accounts
      = weir_service_accounts_new (self->poller, weir_upstream_get_trust (self->upstream));
  self->host.service_tokens = weir_service_accounts_get_source (self->service_accounts);
  self->catalogue = weir_catalogue_new (self->poller, self->upstream, &self->host.tokens);
  return g_steal_pointer (&self);
}

void
weir_proxy_free (WeirProxy *self)
{
  if (self == NULL)
    return;
  weir_listener_free (self->listener);
  weir_catalogue_free (self->catalogue);
  weir_front_door_free (self->door);
  weir_routing_unref (self->routing);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  weir_config_unref (self->config);
  if (self->poller != NULL)
    weir_poller_clear_timer (self->poller, &self->grace);
  weir_exchange_host_clear (&self->host);
  weir_service_accounts_free (self->service_accounts);
  weir_memory_free (self->memory);
  weir_limits_free (self->limits);
  weir_pool_free (self->pool);
  weir_response_store_free (self->responses);
  weir_upstream_free (self->upstream);
  weir_poller_free (self->poller);
  g_free (self);
}

/* A new listener for @config, and what it speaks; nothing is changed on failure. */
static gboolean
open_door (WeirProxy *self, const WeirConfig *config, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  WeirListener *listener;

  if (!load_certificate (config, &certificate, error))
    return FALSE;
  listener = weir_listener_new (self->poller, get_listen_host (config),
                                get_listen_port (self, config), weir_front_door_accept,
                                self->door, error);
  if (listener == NULL)
    return FALSE;
  weir_listener_free (self->listener);
  self->listener = listener;
  weir_front_door_set_certificate (self->door, certificate);
  weir_upstream_set_own_port (self->upstream, weir_listener_get_port (listener));
  return TRUE;
}

void
weir_proxy_remember (WeirProxy *self, const char *path)
{
  g_return_if_fail (self->memory == NULL);
  self->memory = weir_memory_new (self->poller, self->pool, self->limits, path,
                                  self->config->save_cooldown_status);
}

gboolean
weir_proxy_listen (WeirProxy *self, GError **error)
{
  if (self->draining)
    weir_proxy_cancel_drain (self);
  if (!open_door (self, self->config, error))
    return FALSE;
  if (self->memory != NULL)
    weir_memory_wait (self->memory);
  follow_routing (self, TRUE);
  return TRUE;
}

uint16_t
weir_proxy_get_port (const WeirProxy *self)
{
  return self->listener != NULL ? weir_listener_get_port (self->listener) : 0;
}

char *
weir_proxy_dup_url (const WeirProxy *self)
{
  const char *host = get_listen_host (self->config);
  gboolean any
      = *host == '\0' || g_str_equal (host, "*") || g_str_equal (host, "localhost");
  gboolean v6 = strchr (host, ':') != NULL;

  return g_strdup_printf ("%s://%s%s%s:%u", self->config->tls_enable ? "https" : "http",
                          v6 ? "[" : "", any ? "127.0.0.1" : host, v6 ? "]" : "",
                          weir_proxy_get_port (self));
}

WeirPoller *
weir_proxy_get_poller (const WeirProxy *self)
{
  return self->poller;
}

GTlsDatabase *
weir_proxy_get_trust (const WeirProxy *self)
{
  return weir_upstream_get_trust (self->upstream);
}

static gboolean
needs_new_door (const WeirProxy *self, const WeirConfig *config)
{
  const WeirConfig *old = self->config;

  return self->listener == NULL
         || !g_str_equal (get_listen_host (old), get_listen_host (config))
         || (self->port_override < 0 && old->port != config->port);
}

gboolean
weir_proxy_set_config (WeirProxy *self, WeirConfig *config, GError **error)
{
  g_autoptr (WeirRouting) routing
      = weir_routing_new (config, self->accounts, self->pool, self->routing, error);
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (routing == NULL)
    return FALSE;
  if (self->listener != NULL && needs_new_door (self, config))
    {
      if (!open_door (self, config, error))
        return FALSE;
    }
  else
    {
      if (!load_certificate (config, &certificate, error))
        return FALSE;
      weir_front_door_set_certificate (self->door, certificate);
    }
  if (!g_str_equal (self->config->upstream_ca_file, config->upstream_ca_file))
    g_message ("upstream-ca-file takes effect at the next start");
  weir_config_unref (self->config);
  self->config = weir_config_ref (config);
  set_pool_rules (self);
  if (self->memory != NULL)
    weir_memory_set_keeps_rests (self->memory, config->save_cooldown_status);
  weir_routing_unref (self->routing);
  self->routing = g_steal_pointer (&routing);
  weir_front_door_set_routing (self->door, self->routing);
  weir_upstream_drop_idle (self->upstream);
  if (self->listener != NULL)
    follow_routing (self, TRUE);
  return TRUE;
}

void
weir_proxy_set_accounts (WeirProxy *self,
                         const GPtrArray *accounts,
                         const WeirTokenSource *tokens)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  WeirRouting *routing;

  for (unsigned i = 0; accounts != NULL && i < accounts->len; i++)
    g_ptr_array_add (copy, weir_account_ref (g_ptr_array_index (accounts, i)));
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  self->accounts = copy;
  self->host.tokens = *tokens;
  routing
      = weir_routing_new (self->config, self->accounts, self->pool, self->routing, NULL);
  g_return_if_fail (routing != NULL); /* the configuration was good before */
  weir_routing_unref (self->routing);
  self->routing = routing;
  weir_front_door_set_routing (self->door, self->routing);
  if (self->listener != NULL)
    follow_routing (self, FALSE);
}

void
weir_proxy_note_quota (WeirProxy *self,
                       const char *subject,
                       const WeirQuotaReading *reading)
{
  const int64_t now_us = weir_clock_now_us ();
  WeirQuotaWindow windows[WEIR_POOL_WINDOWS_MAX];
  const unsigned n = weir_quota_window_from_reading (reading, now_us, weir_clock_real_us (),
                                                     windows, G_N_ELEMENTS (windows));

  for (unsigned i = 0; n > 0 && i < self->routing->seats->len; i++)
    {
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, i);

      if (seat->state != NULL && g_str_equal (weir_seat_get_subject (seat), subject))
        weir_pool_seat_set_windows (seat->state, windows, n, now_us);
    }
}

static void
tell_done (WeirProxy *self)
{
  GFunc done = self->done;

  self->done = NULL;
  weir_poller_clear_timer (self->poller, &self->grace);
  if (done != NULL)
    done (self, self->done_data);
}

static void
on_empty (gpointer door, gpointer user_data)
{
  tell_done (user_data);
}

static void
on_grace_over (WeirTimer *timer)
{
  WeirProxy *self = WEIR_CONTAINER_OF (timer, WeirProxy, grace);

  if (self->shut_down)
    {
      tell_done (self);
      return;
    }
  self->shut_down = TRUE;
  weir_poller_set_timer (self->poller, &self->grace, weir_clock_now_us () + FAREWELL_US);
  weir_front_door_shut_down (self->door);
}

void
weir_proxy_drain (WeirProxy *self, int64_t grace_us, GFunc done, gpointer user_data)
{
  int64_t due_us = weir_clock_now_us () + grace_us;

  if (self->draining)
    {
      self->done = done;
      self->done_data = user_data;
      if (weir_front_door_count (self->door) == 0)
        tell_done (self);
      else if (!self->shut_down && due_us < self->grace.due_us)
        weir_poller_set_timer (self->poller, &self->grace, due_us);
      return;
    }
  self->draining = TRUE;
  self->done = done;
  self->done_data = user_data;
  g_clear_pointer (&self->listener, weir_listener_free);
  self->grace.func = on_grace_over;
  weir_poller_set_timer (self->poller, &self->grace, due_us);
  weir_front_door_drain (self->door, on_empty, self);
}

void
weir_proxy_cancel_drain (WeirProxy *self)
{
  self->draining = FALSE;
  self->shut_down = FALSE;
  self->done = NULL;
  weir_poller_clear_timer (self->poller, &self->grace);
  weir_front_door_reopen (self->door);
}

void
weir_proxy_foreach_open (WeirProxy *self, WeirLogFunc func, gpointer user_data)
{
  for (GList *link = self->host.exchanges.head; link != NULL; link = link->next)
    weir_exchange_show (link->data, func, user_data);
}

unsigned
weir_proxy_count_open (const WeirProxy *self)
{
  return g_queue_get_length ((GQueue *)&self->host.exchanges);
}

void
weir_proxy_set_watch (WeirProxy *self, const WeirProxyWatch *watch)
{
  self->host.began = watch->request_began;
  self->host.began_data = watch->user_data;
  weir_catalogue_set_func (self->catalogue, watch->models_changed, watch->user_data);
}

WeirRouting *
weir_proxy_get_routing (WeirProxy *self)
{
  return self->routing;
}

WeirPool *
weir_proxy_get_pool (WeirProxy *self)
{
  return self->pool;
}

WeirLimits *
weir_proxy_get_limits (WeirProxy *self)
{
  return self->limits;
}

void
weir_proxy_set_sparing (WeirProxy *self, gboolean is_sparing)
{
  weir_catalogue_set_sparing (self->catalogue, is_sparing);
}

void
weir_proxy_network_changed (WeirProxy *self)
{
  weir_upstream_drop_idle (self->upstream);
  weir_catalogue_network_changed (self->catalogue);
}

void
weir_proxy_set_quota_func (WeirProxy *self, WeirProxyQuotaFunc func, gpointer user_data)
{
  self->host.quota = func;
  self->host.quota_data = user_data;
}

void
weir_proxy_foreach_seat (WeirProxy *self, WeirProxySeatFunc func, gpointer user_data)
{
  for (unsigned i = 0; i < self->routing->seats->len; i++)
    {
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, i);
      const char *own = seat->provider->base_url;
      const WeirProxySeat told = {
        .id = seat->id,
        .subject = weir_seat_get_subject (seat),
        .base_url = seat->entry->base_url != NULL ? seat->entry->base_url : own,
        .api_key = seat->api_key,
        .proxy_url = seat->target->proxy_url,
      };

      func (&told, user_data);
    }
}

/* What the account's vendor said last of how much is used. */
static void
write_windows (WeirJsonWriter *w, const WeirPoolSeat *state)
{
  const int64_t now_us = weir_clock_now_us ();
  unsigned n;
  const WeirQuotaWindow *windows = weir_pool_seat_get_windows (state, &n);

  weir_json_open_array (w, "windows");
  for (unsigned i = 0; i < n; i++)
    {
      weir_json_open (w, NULL);
      if (windows[i].used >= 0)
        weir_json_add_uint (w, "used_percent", (uint64_t)(windows[i].used * 100 + 0.5));
      else
        weir_json_add_null (w, "used_percent");
      if (windows[i].resets_at_us > 0)
        weir_json_add_int (w, "resets_in_s",
                           (windows[i].resets_at_us - now_us) / WEIR_USEC_PER_SEC);
      else
        weir_json_add_null (w, "resets_in_s");
      weir_json_add_int (w, "length_s", windows[i].length_us / WEIR_USEC_PER_SEC);
      weir_json_add_boolean (w, "rejected", windows[i].rejected);
      weir_json_close (w);
    }
  weir_json_close (w);
}

char *
weir_proxy_dump (WeirProxy *self)
{
  const WeirExchangeHost *host = &self->host;
  GString *out = g_string_new (NULL);
  WeirUpstreamCounts counts;
  WeirJsonWriter w;

  weir_upstream_get_counts (self->upstream, &counts);
  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "version", WEIR_VERSION);
  weir_json_add_int (&w, "uptime_s",
                     (weir_clock_now_us () - self->started_us) / WEIR_USEC_PER_SEC);
  weir_json_add_uint (&w, "port", weir_proxy_get_port (self));
  weir_json_add_boolean (&w, "draining", self->draining);
  weir_json_add_uint (&w, "connections", weir_front_door_count (self->door));
  weir_json_add_uint (&w, "exchanges", g_queue_get_length ((GQueue *)&host->exchanges));
  weir_json_open (&w, "since_start");
  weir_json_add_uint (&w, "requests", host->n_requests);
  weir_json_add_uint (&w, "attempts", host->n_attempts);
  weir_json_add_uint (&w, "complete", host->n_complete);
  weir_json_add_uint (&w, "failed", host->n_failed);
  weir_json_add_uint (&w, "cut", host->n_cut);
  weir_json_add_uint (&w, "client_left", host->n_left);
  weir_json_add_uint (&w, "refused", host->n_refused);
  weir_json_close (&w);
  weir_json_open (&w, "upstream");
  weir_json_add_uint (&w, "idle", counts.idle);
  weir_json_add_uint (&w, "held", counts.held);
  weir_json_add_uint (&w, "connecting", counts.connecting);
  weir_json_add_uint (&w, "connects", counts.connects);
  weir_json_add_uint (&w, "failures", counts.failures);
  weir_json_add_uint (&w, "reuses", counts.reuses);
  weir_json_close (&w);
  weir_json_open_array (&w, "seats");
  for (unsigned i = 0; i < self->routing->seats->len; i++)
    {
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, i);

      weir_json_open (&w, NULL);
      weir_json_add_string (&w, "id", seat->id);
      weir_json_add_string (&w, "provider", seat->provider->id);
      weir_json_add_string (&w, "authority", seat->target->authority);
      if (seat->state != NULL)
        write_windows (&w, seat->state);
      weir_json_close (&w);
    }
  weir_json_close (&w);
  weir_json_close (&w);
  return g_string_free (out, FALSE);
}
