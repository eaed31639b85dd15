/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window is a ring of buckets and their sum.  Buckets are numbered since 1970, by the
 * wall clock as it stood at the start and the monotonic one from then on: a wall clock that
 * is set moves nothing, and a restart finds the same buckets again. */

#include "config.h"

#include "accounts/weir-limits.h"

#include "base/weir-clock.h"

#include <string.h>

#define N_WINDOWS WEIR_LIMIT_CONCURRENT_REQUESTS /* the limits before it have one */
#define BUCKETS_MAX 97
#define COUNT_MAX ((uint64_t)1 << 40)
#define NAME_BYTES_MAX 64
#define SWEEP_AT_LEAST 64
#define ENDS_SOON_US WEIR_USEC_PER_SEC

typedef struct
{
  const char *name;
  int64_t bucket_us; /* 0: no window */
  unsigned n;        /* buckets, with the one under way */
} Kind;

typedef struct
{
  int64_t newest; /* number of the bucket under way when it was last looked at */
  uint64_t sum;
  uint64_t counts[BUCKETS_MAX]; /* by number modulo the kind's n */
  gboolean is_changed;          /* since the last dump */
} Window;

struct _WeirLimitsOfKey
{
  unsigned in_flight;
  Window windows[N_WINDOWS];
};

struct _WeirLimits
{
  GHashTable *keys; /* (owned) name (owned) -> WeirLimitsOfKey (owned) */
  unsigned sweep_at;
  int64_t epoch_us;  /* to add to monotonic times */
  int64_t latest_us; /* monotonic */
  gboolean is_changed;
  GFunc changed; /* (nullable) */
  gpointer changed_data;
};

/* clang-format off */
static const Kind kinds[WEIR_LIMIT_LAST] = {
  [WEIR_LIMIT_REQUESTS_PER_MINUTE] = { "requests-per-minute", WEIR_USEC_PER_SEC, 61 },
  [WEIR_LIMIT_TOKENS_PER_MINUTE]   = { "tokens-per-minute", WEIR_USEC_PER_SEC, 61 },
  [WEIR_LIMIT_REQUESTS_PER_DAY]    = { "requests-per-day", 900 * WEIR_USEC_PER_SEC, BUCKETS_MAX },
  [WEIR_LIMIT_CONCURRENT_REQUESTS] = { "concurrent-requests", 0, 0 },
};
/* clang-format on */

/* --- one window --- */

static void
advance (Window *self, const Kind *kind, int64_t at_us)
{
  int64_t bucket = at_us / kind->bucket_us;

  if (self->sum == 0 || bucket - self->newest >= kind->n)
    {
      memset (self->counts, 0, sizeof self->counts);
      self->sum = 0;
      self->newest = bucket;
    }
  while (self->newest < bucket)
    {
      uint64_t *oldest = &self->counts[++self->newest % kind->n];

      self->sum -= *oldest;
      *oldest = 0;
    }
}

/* Both mind buckets that the window still holds only. */
static void
add (Window *self, const Kind *kind, int64_t bucket, uint64_t count)
{
  if (count == 0 || bucket <= self->newest - kind->n)
    return;
  self->counts[bucket % kind->n] += count;
  self->sum += count;
  self->is_changed = TRUE;
}

static void
take_back (Window *self, const Kind *kind, int64_t bucket, uint64_t count)
{
  uint64_t *there = &self->counts[bucket % kind->n];

  if (count == 0 || bucket <= self->newest - kind->n)
    return;
  count = MIN (count, *there);
  *there -= count;
  self->sum -= count;
  self->is_changed = TRUE;
}

/* How long until @count more make at most @most: 0 now, -1 never. */
static int64_t
get_wait_us (
    const Window *self, const Kind *kind, uint64_t count, uint64_t most, int64_t at_us)
{
  uint64_t left = self->sum;
  int64_t bucket = self->newest - kind->n;

  if (left + count <= most)
    return 0;
  if (count > most)
    return -1;
  while (left + count > most)
    left -= self->counts[++bucket % kind->n];
  return (bucket + kind->n) * kind->bucket_us - at_us;
}

/* --- all of them --- */

WeirLimits *
weir_limits_new (int64_t now_us, int64_t real_us)
{
  WeirLimits *self = g_new0 (WeirLimits, 1);

  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->sweep_at = SWEEP_AT_LEAST;
  self->latest_us = now_us;
  self->epoch_us
      = MAX (real_us, BUCKETS_MAX * kinds[WEIR_LIMIT_REQUESTS_PER_DAY].bucket_us) - now_us;
  return self;
}

void
weir_limits_free (WeirLimits *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->keys);
  g_free (self);
}

/* The time since 1970 as it goes on here. */
static int64_t
look_at (WeirLimits *self, int64_t now_us)
{
  self->latest_us = MAX (self->latest_us, now_us);
  return self->latest_us + self->epoch_us;
}

static void
advance_all (WeirLimitsOfKey *key, int64_t at_us)
{
  for (unsigned i = 0; i < N_WINDOWS; i++)
    advance (&key->windows[i], &kinds[i], at_us);
}

static gboolean
is_forgettable (gpointer name, gpointer value, gpointer user_data)
{
  WeirLimitsOfKey *key = value;

  advance_all (key, *(const int64_t *)user_data);
  for (unsigned i = 0; i < N_WINDOWS; i++)
    if (key->windows[i].sum > 0)
      return FALSE;
  return key->in_flight == 0;
}

static WeirLimitsOfKey *
ensure_key (WeirLimits *self, const char *name, int64_t at_us)
{
  WeirLimitsOfKey *key = g_hash_table_lookup (self->keys, name);

  if (key != NULL)
    return key;
  if (g_hash_table_size (self->keys) >= self->sweep_at)
    {
      g_hash_table_foreach_remove (self->keys, is_forgettable, &at_us);
      self->sweep_at = MAX (SWEEP_AT_LEAST, 2 * g_hash_table_size (self->keys));
    }
  key = g_new0 (WeirLimitsOfKey, 1);
  g_hash_table_insert (self->keys, g_strdup (name), key);
  return key;
}

static void
tell_changed (WeirLimits *self)
{
  if (self->is_changed)
    return;
  self->is_changed = TRUE;
  if (self->changed != NULL)
    self->changed (self, self->changed_data);
}

/* --- a request --- */

static gboolean
is_longer (int64_t a_us, int64_t b_us)
{
  return b_us != -1 && (a_us == -1 || a_us > b_us);
}

/* FALSE: no limit refuses. */
static gboolean
find_refusal (const WeirLimitsOfKey *key,
              const unsigned most[WEIR_LIMIT_LAST],
              uint64_t tokens,
              int64_t at_us,
              WeirLimitRefusal *out)
{
  WeirLimitRefusal longest = { .retry_after_us = 0 };

  for (unsigned i = 0; i < WEIR_LIMIT_LAST; i++)
    {
      int64_t wait_us = 0;

      if (most[i] == 0)
        continue;
      if (i < N_WINDOWS)
        wait_us = get_wait_us (&key->windows[i], &kinds[i],
                               i == WEIR_LIMIT_TOKENS_PER_MINUTE ? MAX (tokens, 1) : 1,
                               most[i], at_us);
      else if (key->in_flight >= most[i])
        wait_us = ENDS_SOON_US;
      if (is_longer (wait_us, longest.retry_after_us))
        longest = (WeirLimitRefusal){ (WeirLimit)i, most[i], wait_us };
    }
  if (longest.retry_after_us != 0)
    *out = longest;
  return longest.retry_after_us != 0;
}

gboolean
weir_limits_reserve (WeirLimits *self,
                     const char *key_name,
                     const WeirLimitSet *set,
                     uint64_t tokens,
                     int64_t now_us,
                     WeirReservation *out_reservation,
                     WeirLimitRefusal *out_refusal)
{
  static const WeirLimitSet none;
  const WeirLimitSet *limits = set != NULL ? set : &none;
  const unsigned most[WEIR_LIMIT_LAST] = {
    [WEIR_LIMIT_REQUESTS_PER_MINUTE] = limits->requests_per_minute,
    [WEIR_LIMIT_TOKENS_PER_MINUTE] = limits->tokens_per_minute,
    [WEIR_LIMIT_REQUESTS_PER_DAY] = limits->requests_per_day,
    [WEIR_LIMIT_CONCURRENT_REQUESTS] = limits->concurrent,
  };
  int64_t at_us = look_at (self, now_us);
  WeirLimitsOfKey *key;

  g_return_val_if_fail (out_reservation->key == NULL, FALSE);
  if ((most[0] | most[1] | most[2] | most[3]) == 0)
    return TRUE;
  tokens = MIN (tokens, COUNT_MAX);
  key = ensure_key (self, key_name, at_us);
  advance_all (key, at_us);
  if (find_refusal (key, most, tokens, at_us, out_refusal))
    return FALSE;
  for (unsigned i = 0; i < N_WINDOWS; i++)
    add (&key->windows[i], &kinds[i], key->windows[i].newest,
         i == WEIR_LIMIT_TOKENS_PER_MINUTE ? tokens : 1);
  key->in_flight++;
  *out_reservation = (WeirReservation){ key, at_us, tokens };
  tell_changed (self);
  return TRUE;
}

void
weir_limits_settle (WeirLimits *self,
                    WeirReservation *reservation,
                    uint64_t tokens,
                    int64_t now_us)
{
  const Kind *kind = &kinds[WEIR_LIMIT_TOKENS_PER_MINUTE];
  WeirLimitsOfKey *key = reservation->key;
  Window *window;

  if (key == NULL)
    return;
  tokens
      = tokens == WEIR_LIMIT_TOKENS_UNKNOWN ? reservation->tokens : MIN (tokens, COUNT_MAX);
  window = &key->windows[WEIR_LIMIT_TOKENS_PER_MINUTE];
  advance (window, kind, look_at (self, now_us));
  if (tokens > reservation->tokens)
    add (window, kind, window->newest, tokens - reservation->tokens);
  else
    take_back (window, kind, reservation->since_us / kind->bucket_us,
               reservation->tokens - tokens);
  key->in_flight--;
  *reservation = (WeirReservation){ 0 };
  tell_changed (self);
}

void
weir_limits_cancel (WeirLimits *self, WeirReservation *reservation, int64_t now_us)
{
  WeirLimitsOfKey *key = reservation->key;

  if (key == NULL)
    return;
  advance_all (key, look_at (self, now_us));
  for (unsigned i = 0; i < N_WINDOWS; i++)
    take_back (&key->windows[i], &kinds[i], reservation->since_us / kinds[i].bucket_us,
               i == WEIR_LIMIT_TOKENS_PER_MINUTE ? reservation->tokens : 1);
  key->in_flight--;
  *reservation = (WeirReservation){ 0 };
  tell_changed (self);
}

uint64_t
weir_limits_get_used (WeirLimits *self,
                      const char *key_name,
                      WeirLimit limit,
                      int64_t now_us)
{
  WeirLimitsOfKey *key = g_hash_table_lookup (self->keys, key_name);

  if (key == NULL)
    return 0;
  if (limit == WEIR_LIMIT_CONCURRENT_REQUESTS)
    return key->in_flight;
  advance_all (key, look_at (self, now_us));
  return key->windows[limit].sum;
}

const char *
weir_limit_get_name (WeirLimit limit)
{
  return kinds[limit].name;
}

char *
weir_limit_refusal_dup_message (const WeirLimitRefusal *refusal)
{
  const char *name = weir_limit_get_name (refusal->limit);

  if (refusal->retry_after_us < 0)
    return g_strdup_printf ("this request alone asks for more than the client key's limit "
                            "%s (%u) allows",
                            name, refusal->most);
  if (refusal->limit == WEIR_LIMIT_CONCURRENT_REQUESTS)
    return g_strdup_printf ("as many requests of the client key are under way as its limit "
                            "%s (%u) allows",
                            name, refusal->most);
  return g_strdup_printf ("the client key's limit %s (%u) is used up; ask again in "
                          "%" G_GINT64_FORMAT " s",
                          name, refusal->most,
                          (refusal->retry_after_us + WEIR_USEC_PER_SEC - 1)
                              / WEIR_USEC_PER_SEC);
}

/* --- over a restart --- */

void
weir_limits_set_changed_func (WeirLimits *self, GFunc func, gpointer user_data)
{
  self->changed = func;
  self->changed_data = user_data;
}

static void
write_counts (const Window *window, const Kind *kind, GString *out)
{
  uint64_t left = window->sum;

  g_string_truncate (out, 0);
  for (int64_t bucket = window->newest; left > 0; bucket--)
    {
      uint64_t count = window->counts[bucket % kind->n];

      g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, out->len > 0 ? " " : "", count);
      left -= count;
    }
}

void
weir_limits_dump (WeirLimits *self,
                  int64_t now_us,
                  int64_t real_us,
                  WeirLimitsRowFunc func,
                  gpointer user_data)
{
  g_autoptr (GString) counts = g_string_new (NULL);
  int64_t at_us = look_at (self, now_us);
  GHashTableIter iter;
  gpointer name;
  gpointer value;

  self->is_changed = FALSE;
  g_hash_table_iter_init (&iter, self->keys);
  while (g_hash_table_iter_next (&iter, &name, &value))
    for (unsigned i = 0; i < N_WINDOWS; i++)
      {
        Window *window = &((WeirLimitsOfKey *)value)->windows[i];

        if (!window->is_changed)
          continue;
        window->is_changed = FALSE;
        advance (window, &kinds[i], at_us);
        write_counts (window, &kinds[i], counts);
        func (name, kinds[i].name, real_us - (at_us - window->newest * kinds[i].bucket_us),
              counts->str, user_data);
      }
}

/* FALSE: it is no row of ours. */
static gboolean
read_counts (const char *text, unsigned n, uint64_t out[BUCKETS_MAX], unsigned *out_n)
{
  for (*out_n = 0; *text != '\0'; (*out_n)++)
    {
      char *end;

      if (*out_n == n || !g_ascii_isdigit (*text))
        return FALSE;
      out[*out_n] = g_ascii_strtoull (text, &end, 10);
      if (out[*out_n] > COUNT_MAX || (*end != ' ' && *end != '\0')
          || (*end == ' ' && end[1] == '\0'))
        return FALSE;
      text = *end == ' ' ? end + 1 : end;
    }
  return TRUE;
}

void
weir_limits_restore (WeirLimits *self,
                     const char *key_name,
                     const char *window,
                     int64_t row_real_us,
                     const char *counts,
                     int64_t now_us,
                     int64_t real_us)
{
  int64_t at_us = look_at (self, now_us);
  int64_t age_us = MAX (real_us - row_real_us, 0);
  uint64_t buckets[BUCKETS_MAX];
  unsigned n;
  unsigned i = 0;
  int64_t newest;
  WeirLimitsOfKey *key;

  while (i < N_WINDOWS && !g_str_equal (kinds[i].name, window))
    i++;
  if (i == N_WINDOWS || *key_name == '\0' || strlen (key_name) > NAME_BYTES_MAX
      || row_real_us < 0 || age_us >= kinds[i].bucket_us * kinds[i].n
      || !read_counts (counts, kinds[i].n, buckets, &n))
    return;
  key = ensure_key (self, key_name, at_us);
  advance (&key->windows[i], &kinds[i], at_us);
  /* to the nearest: the clocks may have drifted from each other by a little */
  newest = MIN ((at_us - age_us + kinds[i].bucket_us / 2) / kinds[i].bucket_us,
                key->windows[i].newest);
  for (unsigned j = 0; j < n; j++)
    add (&key->windows[i], &kinds[i], newest - j, buckets[j]);
}
