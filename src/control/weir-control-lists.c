/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the Manager's lists hold, made when they are asked for.  Keys go out masked only. */

#include "config.h"

#include "control/weir-control-private.h"

#include "base/weir-clock.h"
#include "providers/weir-echo.h"
#include "providers/weir-provider-oauth.h"
#include "proxy/weir-proxy-view.h"

static const char *const standing_names[] = {
  [WEIR_OAUTH_OPEN] = "open",
  [WEIR_OAUTH_LIMITED] = "limited",
  [WEIR_OAUTH_ENDED] = "ended",
};
G_STATIC_ASSERT (G_N_ELEMENTS (standing_names) == WEIR_OAUTH_STANDING_LAST);

static void
add_text (GVariantDict *dict, const char *name, const char *text)
{
  g_autofree char *repaired = text != NULL && !g_utf8_validate (text, -1, NULL)
                                  ? g_utf8_make_valid (text, -1)
                                  : NULL;

  if (repaired != NULL) /* the bus takes nothing else */
    text = repaired;
  g_variant_dict_insert (dict, name, "s", text != NULL ? text : "");
}

static void
add_texts (GVariantDict *dict, const char *name, char **texts)
{
  static const char *const none[] = { NULL };

  g_variant_dict_insert_value (
      dict, name,
      g_variant_new_strv (texts != NULL ? (const char *const *)texts : none, -1));
}

/* --- who can be signed in to --- */

static GVariant *
make_provider (const WeirProviderOauth *row)
{
  g_autoptr (GStrvBuilder) ways = g_strv_builder_new ();
  g_auto (GStrv) way_names = NULL;
  GVariantDict dict;

  if (row->authorize_url != NULL && row->redirect_uri != NULL)
    g_strv_builder_add (ways, "browser");
  if (row->device_url != NULL)
    g_strv_builder_add (ways, "device");
  if (row->authorize_url != NULL)
    g_strv_builder_add (ways, "paste");
  way_names = g_strv_builder_end (ways);

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "id", row->id);
  add_text (&dict, "name", row->name);
  add_text (&dict, "standing", standing_names[row->standing]);
  add_text (&dict, "sentence", row->sentence);
  add_texts (&dict, "ways", way_names);
  add_text (&dict, "usage-page", row->usage_page);
  add_text (&dict, "status-page", row->status_page);
  return g_variant_dict_end (&dict);
}

GVariant *
weir_control_list_providers (void)
{
  size_t n = 0;
  const WeirProviderOauth *rows = weir_provider_oauth_get_table (&n);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (int standing = 0; standing < WEIR_OAUTH_STANDING_LAST; standing++)
    for (size_t i = 0; i < n; i++)
      if ((int)rows[i].standing == standing)
        g_variant_builder_add_value (&builder, make_provider (&rows[i]));
  return g_variant_builder_end (&builder);
}

/* --- models --- */

/* All that could serve it rest now. */
static gboolean
is_resting (WeirControl *self, const WeirRouting *routing, const WeirModel *model)
{
  const WeirPoolAsk ask
      = { .seats = routing->states, .strategy = routing->config->strategy };
  const WeirPoolTried tried = { 0 };
  int64_t until_us = 0;

  return !weir_pool_can_pick (weir_proxy_get_pool (self->proxy), model, &ask, &tried,
                              weir_clock_now_us (), &until_us);
}

/* Two names of one route are aliases of one another. */
static gboolean
is_same_route (const WeirModel *a, const WeirModel *b)
{
  const WeirModelRoute *of_a = g_ptr_array_index (a->routes, 0);
  const WeirModelRoute *of_b = g_ptr_array_index (b->routes, 0);

  return a != b && of_a->seat == of_b->seat
         && g_str_equal (of_a->upstream_name, of_b->upstream_name);
}

static void
add_aliases (GVariantDict *dict, const GPtrArray *models, const WeirModel *model)
{
  g_autoptr (GStrvBuilder) aliases = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (unsigned i = 0; i < models->len; i++)
    {
      const WeirModel *other = g_ptr_array_index (models, i);

      if (other->routes->len > 0 && model->routes->len > 0 && is_same_route (model, other))
        g_strv_builder_add (aliases, other->id);
    }
  names = g_strv_builder_end (aliases);
  add_texts (dict, "aliases", names);
}

/* (nullable): what the user has given @model as another name; one that only says which seat
 * is meant ("work/NAME") is the same name. */
static const char *
get_target (const WeirModel *model)
{
  const WeirModelRoute *route
      = model->routes->len > 0 ? g_ptr_array_index (model->routes, 0) : NULL;

  return route != NULL && !g_str_has_suffix (model->id, route->upstream_name)
             ? route->upstream_name
             : NULL;
}

static GVariant *
make_model (WeirControl *self, const WeirRouting *routing, const WeirModel *model)
{
  g_autoptr (GPtrArray) seats = g_ptr_array_new ();
  GVariantDict dict;

  for (unsigned i = 0; i < model->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (model->routes, i);
      const WeirSeat *seat = g_ptr_array_index (routing->seats, route->seat);

      if (!g_ptr_array_find (seats, seat->id, NULL))
        g_ptr_array_add (seats, seat->id);
    }
  g_ptr_array_add (seats, NULL);

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "id", model->id);
  add_text (&dict, "owner", model->owner);
  if (model->context_length > 0)
    g_variant_dict_insert (&dict, "context-length", "u",
                           (guint32)MIN (model->context_length, G_MAXUINT32));
  add_texts (&dict, "seats", (char **)seats->pdata);
  g_variant_dict_insert (&dict, "resting", "b", is_resting (self, routing, model));
  add_aliases (&dict, weir_models_get_list (routing->models), model);
  add_text (&dict, "alias-of", get_target (model));
  return g_variant_dict_end (&dict);
}

static GVariant *
make_echo (void)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "id", WEIR_ECHO_MODEL);
  add_text (&dict, "owner", "weir");
  add_texts (&dict, "seats", NULL);
  g_variant_dict_insert (&dict, "resting", "b", FALSE);
  add_texts (&dict, "aliases", NULL);
  add_text (&dict, "alias-of", NULL);
  return g_variant_dict_end (&dict);
}

static int
compare_models (gconstpointer a, gconstpointer b)
{
  const WeirModel *const *model_a = a;
  const WeirModel *const *model_b = b;

  return strcmp ((*model_a)->id, (*model_b)->id);
}

GVariant *
weir_control_list_models (WeirControl *self)
{
  const WeirRouting *routing
      = self->proxy != NULL ? weir_proxy_get_routing (self->proxy) : NULL;
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  if (routing != NULL)
    {
      const GPtrArray *models = weir_models_get_list (routing->models);

      for (unsigned i = 0; i < models->len; i++)
        g_ptr_array_add (sorted, g_ptr_array_index (models, i));
      g_ptr_array_sort (sorted, compare_models);
      for (unsigned i = 0; i < sorted->len; i++)
        g_variant_builder_add_value (
            &builder, make_model (self, routing, g_ptr_array_index (sorted, i)));
      if (routing->config->echo_model)
        g_variant_builder_add_value (&builder, make_echo ());
    }
  return g_variant_builder_end (&builder);
}

/* --- exchanges --- */

/* The name of the key with the digest @name; the digest where it has none. */
static const char *
find_key_name (WeirControl *self, const char *name)
{
  const WeirRouting *routing
      = self->proxy != NULL ? weir_proxy_get_routing (self->proxy) : NULL;
  const WeirClientKey *key
      = routing != NULL && *name != '\0'
            ? weir_client_keys_lookup (routing->keys, name, weir_clock_real_us ())
            : NULL;

  return key != NULL && key->config != NULL && key->config->name != NULL ? key->config->name
                                                                         : name;
}

static GVariant *
make_exchange (WeirControl *self, const WeirActivityExchange *exchange)
{
  g_auto (GStrv) losses = g_strsplit_set (exchange->losses, ", ", -1);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "t", exchange->number);
  g_variant_dict_insert (&dict, "began", "x", exchange->began_us);
  add_text (&dict, "phase", exchange->is_open ? "open" : "ended");
  add_text (&dict, "client", exchange->client);
  add_text (&dict, "upstream", exchange->upstream);
  add_text (&dict, "operation", exchange->operation);
  add_text (&dict, "key", find_key_name (self, exchange->key));
  add_text (&dict, "agent", exchange->agent);
  add_text (&dict, "model", exchange->model);
  add_text (&dict, "upstream-model", exchange->upstream_model);
  add_text (&dict, "seat", exchange->seat);
  add_text (&dict, "pass", exchange->pass);
  g_variant_dict_insert (&dict, "attempts", "u", exchange->attempts);
  g_variant_dict_insert (&dict, "status", "u", exchange->status);
  add_text (&dict, "error", exchange->error);
  g_variant_dict_insert (&dict, "input-tokens", "t", exchange->tokens_in);
  g_variant_dict_insert (&dict, "cached-tokens", "t", exchange->tokens_cached);
  g_variant_dict_insert (&dict, "output-tokens", "t", exchange->tokens_out);
  g_variant_dict_insert (&dict, "first-byte", "x", exchange->first_byte_us);
  g_variant_dict_insert (&dict, "total", "x", exchange->total_us);
  add_texts (&dict, "losses", losses);
  return g_variant_dict_end (&dict);
}

static void
collect_open (const WeirLogRow *row, gpointer user_data)
{
  GArray *open = user_data;
  WeirActivityExchange exchange;

  weir_activity_read_row (row, weir_clock_real_us (), &exchange);
  g_array_append_val (open, exchange);
}

GVariant *
weir_control_list_exchanges (WeirControl *self, unsigned limit)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (WeirActivityExchange));
  const WeirActivityExchange *exchange = NULL;
  unsigned n = 0;
  GVariantBuilder builder;

  limit = MIN (limit, WEIR_ACTIVITY_EXCHANGES_MAX);
  if (self->proxy != NULL)
    weir_proxy_foreach_open (self->proxy, collect_open, open);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (; n < MIN (limit, open->len); n++)
    g_variant_builder_add_value (
        &builder, make_exchange (self, &g_array_index (open, WeirActivityExchange,
                                                       open->len - 1 - n)));
  for (unsigned i = 0;
       n < limit && (exchange = weir_activity_get (self->activity, i)) != NULL; i++, n++)
    g_variant_builder_add_value (&builder, make_exchange (self, exchange));
  return g_variant_builder_end (&builder);
}

GVariant *
weir_control_list_usage (WeirControl *self, int64_t since_us)
{
  const GArray *usages = weir_activity_get_usage (self->activity);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; i < usages->len; i++)
    {
      const WeirActivityUsage *usage = &g_array_index (usages, WeirActivityUsage, i);
      GVariantDict dict;

      if (usage->hour_us + (int64_t)3600 * G_USEC_PER_SEC <= since_us)
        continue;
      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "hour", "x", usage->hour_us);
      add_text (&dict, "seat", usage->seat);
      add_text (&dict, "model", usage->model);
      g_variant_dict_insert (&dict, "requests", "t", usage->requests);
      g_variant_dict_insert (&dict, "failed", "t", usage->failed);
      g_variant_dict_insert (&dict, "input-tokens", "t", usage->tokens_in);
      g_variant_dict_insert (&dict, "cached-tokens", "t", usage->tokens_cached);
      g_variant_dict_insert (&dict, "output-tokens", "t", usage->tokens_out);
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  return g_variant_builder_end (&builder);
}

/* --- client keys --- */

static GVariant *
make_limits (WeirControl *self, const WeirConfigClientKey *key, const char *digest)
{
  const unsigned most[WEIR_LIMIT_LAST] = {
    [WEIR_LIMIT_REQUESTS_PER_MINUTE] = key->requests_per_minute,
    [WEIR_LIMIT_TOKENS_PER_MINUTE] = key->tokens_per_minute,
    [WEIR_LIMIT_REQUESTS_PER_DAY] = key->requests_per_day,
    [WEIR_LIMIT_CONCURRENT_REQUESTS] = key->concurrent_requests,
  };
  WeirLimits *limits = weir_proxy_get_limits (self->proxy);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sxx)"));
  for (int i = 0; i < WEIR_LIMIT_LAST; i++)
    if (most[i] > 0)
      g_variant_builder_add (&builder, "(sxx)", weir_limit_get_name ((WeirLimit)i),
                             (gint64)most[i],
                             (gint64)weir_limits_get_used (limits, digest, (WeirLimit)i,
                                                           weir_clock_now_us ()));
  return g_variant_builder_end (&builder);
}

static GVariant *
make_key (WeirControl *self, const WeirConfigClientKey *key)
{
  g_autofree char *masked = weir_secret_dup_masked (key->key);
  char digest[17];
  GVariantDict dict;

  weir_secret_get_digest (key->key, digest);
  digest[WEIR_KEY_NAME_BYTES - 1] = '\0';
  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "id", digest);
  add_text (&dict, "name", key->name);
  add_text (&dict, "masked", masked);
  g_variant_dict_insert (&dict, "enabled", "b", !key->disabled);
  add_text (&dict, "note", key->note);
  g_variant_dict_insert (&dict, "expires", "x", key->expires_us);
  g_variant_dict_insert_value (&dict, "limits", make_limits (self, key, digest));
  add_texts (&dict, "models", key->allowed_models);
  add_texts (&dict, "groups", key->groups);
  return g_variant_dict_end (&dict);
}

GVariant *
weir_control_list_keys (WeirControl *self)
{
  const WeirRouting *routing
      = self->proxy != NULL ? weir_proxy_get_routing (self->proxy) : NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; routing != NULL && i < routing->config->client_keys->len; i++)
    g_variant_builder_add_value (
        &builder, make_key (self, g_ptr_array_index (routing->config->client_keys, i)));
  return g_variant_builder_end (&builder);
}
