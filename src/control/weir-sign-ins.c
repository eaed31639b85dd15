/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of sign-ins, and when one of them leaves it. */

#include "config.h"

#include "control/weir-sign-ins.h"

#include "base/weir-clock.h"

typedef struct
{
  WeirSignIns *owner; /* (unowned) */
  unsigned number;
  WeirSignIn *sign_in; /* (owned) */
  gulong changed_id;
  WeirTimer leaves;
} Entry;

struct _WeirSignIns
{
  GObject parent;
  WeirSignInTools tools;
  GPtrArray *entries; /* (owned) of Entry (owned), oldest first */
  unsigned last_number;
};

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  N_SIGNALS,
};

static unsigned signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeirSignIns, weir_sign_ins, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  Entry *self = data;

  weir_poller_clear_timer (self->owner->tools.poller, &self->leaves);
  g_signal_handler_disconnect (self->sign_in, self->changed_id);
  g_object_unref (self->sign_in);
  g_free (self);
}

static void
on_leave (WeirTimer *timer)
{
  Entry *entry = WEIR_CONTAINER_OF (timer, Entry, leaves);
  WeirSignIns *self = entry->owner;
  g_autoptr (WeirSignIn) sign_in = g_object_ref (entry->sign_in);
  const unsigned number = entry->number;

  g_ptr_array_remove (self->entries, entry);
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, sign_in, number);
}

static void
on_changed (WeirSignIn *sign_in, gpointer user_data)
{
  Entry *entry = user_data;

  if (weir_sign_in_is_over (sign_in) && entry->leaves.slot == 0)
    weir_poller_set_timer (entry->owner->tools.poller, &entry->leaves,
                           weir_clock_now_us () + WEIR_SIGN_INS_KEEP_US);
}

/* Takes @sign_in (transfer full). */
static const Entry *
add (WeirSignIns *self, WeirSignIn *sign_in)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->owner = self;
  entry->number = ++self->last_number;
  entry->sign_in = sign_in;
  entry->leaves.func = on_leave;
  entry->changed_id = g_signal_connect (sign_in, "changed", G_CALLBACK (on_changed), entry);
  g_ptr_array_add (self->entries, entry);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, sign_in, entry->number);
  return entry;
}

static void
cancel_of (WeirSignIns *self, const WeirProviderOauth *row)
{
  for (unsigned i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->entries, i);

      if (row == NULL || weir_sign_in_get_row (entry->sign_in) == row)
        weir_sign_in_cancel (entry->sign_in);
    }
}

WeirSignIns *
weir_sign_ins_new (const WeirSignInTools *tools)
{
  WeirSignIns *self = g_object_new (WEIR_TYPE_SIGN_INS, NULL);

  self->tools = *tools;
  return self;
}

WeirSignIn *
weir_sign_ins_begin (WeirSignIns *self,
                     const char *provider,
                     const char *way,
                     const char *replaces,
                     gboolean opens_browser,
                     unsigned *out_number,
                     GError **error)
{
  const WeirProviderOauth *row = weir_provider_oauth_lookup (provider);
  WeirLoginWay chosen = WEIR_LOGIN_BROWSER;
  WeirSignIn *sign_in = NULL;
  const Entry *entry = NULL;

  if (row == NULL)
    {
      weir_error_set (error, WEIR_ERROR_NOT_FOUND,
                      "There is nobody of that name to sign "
                      "in to.");
      return NULL;
    }
  if (way == NULL || *way == '\0')
    chosen = weir_sign_in_get_first_way (row);
  else if (!weir_sign_in_way_lookup (way, &chosen))
    {
      weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                      "One signs in by \"browser\", \"paste\" or \"device\".");
      return NULL;
    }
  sign_in = weir_sign_in_new (&self->tools, row, chosen, replaces, opens_browser, error);
  if (sign_in == NULL)
    return NULL;
  cancel_of (self, row);
  entry = add (self, sign_in);
  if (out_number != NULL)
    *out_number = entry->number;
  return sign_in;
}

WeirSignIn *
weir_sign_ins_lookup (WeirSignIns *self, unsigned number)
{
  for (unsigned i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->entries, i);

      if (entry->number == number)
        return entry->sign_in;
    }
  return NULL;
}

const WeirSignInTools *
weir_sign_ins_get_tools (WeirSignIns *self)
{
  return &self->tools;
}

unsigned
weir_sign_ins_count_open (WeirSignIns *self)
{
  unsigned n = 0;

  for (unsigned i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->entries, i);

      n += weir_sign_in_is_over (entry->sign_in) ? 0 : 1;
    }
  return n;
}

void
weir_sign_ins_cancel_all (WeirSignIns *self)
{
  cancel_of (self, NULL);
}

static void
weir_sign_ins_init (WeirSignIns *self)
{
  self->entries = g_ptr_array_new_with_free_func (entry_free);
}

static void
weir_sign_ins_finalize (GObject *object)
{
  WeirSignIns *self = WEIR_SIGN_INS (object);

  weir_sign_ins_cancel_all (self);
  g_ptr_array_unref (self->entries);
  G_OBJECT_CLASS (weir_sign_ins_parent_class)->finalize (object);
}

static void
weir_sign_ins_class_init (WeirSignInsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weir_sign_ins_finalize;
  signals[SIGNAL_ADDED]
      = g_signal_new ("added", WEIR_TYPE_SIGN_INS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, WEIR_TYPE_SIGN_IN, G_TYPE_UINT);
  signals[SIGNAL_REMOVED]
      = g_signal_new ("removed", WEIR_TYPE_SIGN_INS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, WEIR_TYPE_SIGN_IN, G_TYPE_UINT);
}
