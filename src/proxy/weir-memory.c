/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pool and limits count by the monotonic clock of this boot, the file by the wall clock of
 * all of them: here times are moved from one to the other, and rests get their text. */

#include "config.h"

#include "proxy/weir-memory.h"

#include "base/weir-clock.h"
#include "store/weir-state.h"

/* Shorter rests are over before anybody could have started again. */
#define REST_LEAST_US (60 * WEIR_USEC_PER_SEC)
#define WAIT_US (WEIR_USEC_PER_SEC / 2)
#define GATHER_US (2 * WEIR_USEC_PER_SEC)
#define STATED "stated"
#define GUESSED "guessed"

struct _WeirMemory
{
  WeirPoller *poller; /* (unowned) */
  WeirPool *pool;     /* (unowned) */
  WeirLimits *limits; /* (unowned) */
  WeirState *state;   /* (owned) */
  gboolean keeps_rests;
  WeirTimer gather; /* until windows that have changed are written */
};

/* --- rests --- */

/* Text: reason, whether the vendor stated it, how often in a row, when it began. */
static void
put_rest (const WeirPoolRest *rest, gpointer user_data)
{
  WeirMemory *self = user_data;
  const char *model = rest->model != NULL ? rest->model : "";
  const int64_t now_us = weir_clock_now_us ();
  const int64_t ahead_us = weir_clock_real_us () - now_us;
  g_autofree char *text = NULL;

  if (!self->keeps_rests || rest->until_us - now_us < REST_LEAST_US)
    {
      weir_state_remove (self->state, WEIR_STATE_REST, rest->identity, model);
      return;
    }
  text = g_strdup_printf (
      "%s %s %u %" G_GINT64_FORMAT, weir_rest_reason_get_name (rest->reason),
      rest->stated ? STATED : GUESSED, rest->level, rest->began_us + ahead_us);
  weir_state_put (self->state, WEIR_STATE_REST, rest->identity, model,
                  rest->until_us + ahead_us, text);
}

static void
restore_rest (WeirMemory *self, const WeirStateRow *row)
{
  const int64_t now_us = weir_clock_now_us ();
  const int64_t ahead_us = weir_clock_real_us () - now_us;
  g_auto (GStrv) words = g_strsplit (row->text, " ", -1);
  WeirPoolRest rest = {
    .identity = row->subject,
    .model = *row->part != '\0' ? row->part : NULL,
    .until_us = row->real_us - ahead_us,
  };
  guint64 level;
  gint64 began_us;

  if (g_strv_length (words) != 4
      || !g_ascii_string_to_unsigned (words[2], 10, 0, G_MAXUINT16, &level, NULL)
      || !g_ascii_string_to_signed (words[3], 10, 0, G_MAXINT64, &began_us, NULL)
      || (rest.reason = weir_rest_reason_from_name (words[0])) == WEIR_REST_FOR_NOTHING)
    return;
  rest.stated = g_str_equal (words[1], STATED);
  rest.level = (unsigned)level;
  /* the clock may have been set back since */
  rest.began_us = MIN (began_us - ahead_us, now_us);
  weir_pool_restore_rest (self->pool, &rest, now_us);
}

/* --- windows --- */

static void
put_window (const char *key_name,
            const char *window,
            int64_t real_us,
            const char *counts,
            gpointer user_data)
{
  WeirMemory *self = user_data;

  if (*counts != '\0')
    weir_state_put (self->state, WEIR_STATE_LIMIT_WINDOW, key_name, window, real_us,
                    counts);
  else
    weir_state_remove (self->state, WEIR_STATE_LIMIT_WINDOW, key_name, window);
}

static void
put_windows (WeirMemory *self)
{
  weir_limits_dump (self->limits, weir_clock_now_us (), weir_clock_real_us (), put_window,
                    self);
}

static void
on_gathered (WeirTimer *timer)
{
  put_windows (WEIR_CONTAINER_OF (timer, WeirMemory, gather));
}

static void
on_limits_changed (gpointer limits, gpointer user_data)
{
  WeirMemory *self = user_data;

  weir_poller_set_timer (self->poller, &self->gather, weir_clock_now_us () + GATHER_US);
}

/* --- the file --- */

static void
on_loaded (const GPtrArray *rows, gpointer user_data)
{
  WeirMemory *self = user_data;

  for (unsigned i = 0; i < rows->len; i++)
    {
      const WeirStateRow *row = g_ptr_array_index (rows, i);

      switch (row->table)
        {
        case WEIR_STATE_REST:
          if (self->keeps_rests)
            restore_rest (self, row);
          break;
        case WEIR_STATE_LIMIT_WINDOW:
          weir_limits_restore (self->limits, row->subject, row->part, row->real_us,
                               row->text, weir_clock_now_us (), weir_clock_real_us ());
          break;
        case WEIR_STATE_LAST:
          break;
        }
    }
}

static void
on_notice (const char *text, gpointer user_data)
{
  g_warning ("%s", text);
}

WeirMemory *
weir_memory_new (WeirPoller *poller,
                 WeirPool *pool,
                 WeirLimits *limits,
                 const char *path,
                 gboolean keeps_rests)
{
  static const WeirStateFuncs funcs = { .loaded = on_loaded, .notice = on_notice };
  WeirMemory *self = g_new0 (WeirMemory, 1);

  self->poller = poller;
  self->pool = pool;
  self->limits = limits;
  self->keeps_rests = keeps_rests;
  self->gather.func = on_gathered;
  self->state = weir_state_new (path, weir_clock_real_us (), &funcs, self);
  weir_pool_set_rest_func (pool, put_rest, self);
  weir_limits_set_changed_func (limits, on_limits_changed, self);
  return self;
}

void
weir_memory_wait (WeirMemory *self)
{
  weir_state_wait (self->state, WAIT_US);
}

void
weir_memory_free (WeirMemory *self)
{
  if (self == NULL)
    return;
  weir_pool_set_rest_func (self->pool, NULL, NULL);
  weir_limits_set_changed_func (self->limits, NULL, NULL);
  weir_poller_clear_timer (self->poller, &self->gather);
  put_windows (self);
  weir_state_free (self->state);
  g_free (self);
}

void
weir_memory_set_keeps_rests (WeirMemory *self, gboolean keeps_rests)
{
  self->keeps_rests = keeps_rests;
}
