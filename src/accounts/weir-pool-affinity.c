/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The map of sessions.  What a binding is worth is the pick's business. */

#include "config.h"

#include "accounts/weir-pool-affinity.h"

#define FNV_PRIME G_GUINT64_CONSTANT (0x100000001b3)
#define SEED_A G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define SEED_B G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

static guint
binding_hash (gconstpointer data)
{
  return (guint)((const WeirPoolBinding *)data)->session.a;
}

static gboolean
binding_equal (gconstpointer a, gconstpointer b)
{
  const WeirPoolSession *one = &((const WeirPoolBinding *)a)->session;
  const WeirPoolSession *other = &((const WeirPoolBinding *)b)->session;

  return one->a == other->a && one->b == other->b;
}

uint64_t
weir_pool_hash (const char *text, uint64_t seed)
{
  uint64_t hash = seed;

  for (; *text != '\0'; text++)
    hash = (hash ^ (guchar)*text) * FNV_PRIME;
  /* FNV leaves the last bytes in few bits */
  hash ^= hash >> 32;
  hash *= G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  return hash ^ (hash >> 32);
}

WeirPoolSession
weir_pool_session_of (const char *text, const char *model)
{
  return (WeirPoolSession){
    .a = weir_pool_hash (model, weir_pool_hash (text, SEED_A)),
    .b = weir_pool_hash (model, weir_pool_hash (text, SEED_B)),
  };
}

void
weir_pool_affinity_init (WeirPoolAffinity *self)
{
  self->bindings = g_hash_table_new_full (binding_hash, binding_equal, NULL, g_free);
  g_queue_init (&self->order);
}

void
weir_pool_affinity_clear (WeirPoolAffinity *self)
{
  g_clear_pointer (&self->bindings, g_hash_table_unref);
  g_queue_init (&self->order);
}

static void
forget (WeirPoolAffinity *self, WeirPoolBinding *binding)
{
  g_queue_unlink (&self->order, &binding->link);
  g_hash_table_remove (self->bindings, binding);
}

const WeirPoolBinding *
weir_pool_affinity_lookup (WeirPoolAffinity *self,
                           WeirPoolSession session,
                           int64_t ttl_us,
                           int64_t now_us)
{
  WeirPoolBinding key = { .session = session };
  WeirPoolBinding *binding = g_hash_table_lookup (self->bindings, &key);

  if (binding == NULL || now_us - binding->used_us <= ttl_us)
    return binding;
  forget (self, binding);
  return NULL;
}

void
weir_pool_affinity_bind (WeirPoolAffinity *self,
                         WeirPoolSession session,
                         uint64_t seat,
                         uint64_t route,
                         int64_t now_us)
{
  WeirPoolBinding key = { .session = session };
  WeirPoolBinding *binding = g_hash_table_lookup (self->bindings, &key);

  if (binding != NULL)
    g_queue_unlink (&self->order, &binding->link);
  else
    {
      if (self->order.length >= WEIR_POOL_SESSIONS_MAX)
        forget (self, g_queue_peek_tail (&self->order));
      binding = g_new0 (WeirPoolBinding, 1);
      binding->session = session;
      binding->link.data = binding;
      g_hash_table_add (self->bindings, binding);
    }
  binding->seat = seat;
  binding->route = route;
  binding->used_us = now_us;
  g_queue_push_head_link (&self->order, &binding->link);
}
