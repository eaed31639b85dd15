/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A move:
 *
 *   the vault is held -> copied, compared -> written down -> the vault moves in, is
 * released
 *   -> the other place is cleared -> written down
 *
 * The first line that is written down is where it turns: a program that dies before goes on
 * with the old place, one that dies behind goes on with the new one and clears the old. */

#include "config.h"

#include "accounts/weir-vault-home.h"

#include "accounts/weir-vault-note.h"
#include "accounts/weir-vault-private.h"

#define HINT "; to begin without them, stop weir and remove "

struct _WeirVaultHome
{
  GObject parent_instance;
  char *path;       /* (owned) */
  WeirVault *vault; /* (owned) */
  WeirVaultNote note;
  WeirVaultPlace wanted;
  gboolean is_wanted;  /* somebody said so */
  gboolean is_busy;    /* moving, or clearing */
  gboolean may_prompt; /* the user is there; until the next move begins */
  gboolean is_asking;  /* and this one asks him */
  WeirVault *from;     /* (owned) (nullable): while it moves or clears */
  WeirVault *to;       /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WeirVaultHome, weir_vault_home, G_TYPE_OBJECT)

static guint notice_signal;

static const char *const place_names[] = {
  [WEIR_VAULT_KEYRING] = "the keyring",
  [WEIR_VAULT_FILE] = "the file of secrets",
};

static void
say (WeirVaultHome *self, const char *sentence)
{
  g_signal_emit (self, notice_signal, 0, sentence);
}

static gboolean
is_empty (WeirVault *vault)
{
  g_auto (GStrv) names = weir_vault_list (vault);

  return names[0] == NULL;
}

/* TRUE: it stands on the disk. */
static gboolean
write_note (WeirVaultHome *self, WeirVaultPlace place, char **left, GError **error)
{
  WeirVaultNote note = { .is_there = TRUE, .place = place, .left = left };

  if (!weir_vault_note_write (self->path, &note, error))
    return FALSE;
  weir_vault_note_clear (&self->note);
  self->note = note;
  self->note.left = left != NULL ? g_strdupv (left) : NULL;
  return TRUE;
}

static void pursue (WeirVaultHome *self);

static void
end (WeirVaultHome *self)
{
  g_clear_object (&self->from);
  g_clear_object (&self->to);
  self->is_busy = FALSE;
}

/* --- clearing --- */

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirVaultHome) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;
  const WeirVaultPlace place = weir_vault_get_place (self->vault);
  gboolean is_failed; /* what is wanted, just now */

  if (weir_vault_clear_finish (WEIR_VAULT (source), result, &error))
    write_note (self, place, NULL, &error);
  if (error != NULL)
    {
      sentence = g_strdup_printf ("Copies of the secrets are still in %s (%s). They are "
                                  "removed at a later start.",
                                  place_names[weir_vault_get_place (WEIR_VAULT (source))],
                                  error->message);
      say (self, sentence);
    }
  is_failed = self->to != NULL && weir_vault_get_place (self->to) == self->wanted;
  end (self);
  if (self->wanted != place && !is_failed)
    pursue (self);
}

static void
clear_from (WeirVaultHome *self)
{
  weir_vault_clear_async (self->from, (const char *const *)self->note.left, cleared_cb,
                          g_object_ref (self));
}

/* --- moving --- */

static void
open_place (WeirVaultHome *self, WeirVault *vault, GAsyncReadyCallback callback)
{
  if (self->is_asking)
    weir_vault_unlock_async (vault, NULL, callback, g_object_ref (self));
  else
    weir_vault_look_async (vault, NULL, callback, g_object_ref (self));
}

static gboolean
open_finish (WeirVaultHome *self, GObject *vault, GAsyncResult *result, GError **error)
{
  return self->is_asking ? weir_vault_unlock_finish (WEIR_VAULT (vault), result, error)
                         : weir_vault_look_finish (WEIR_VAULT (vault), result, error);
}

/* (transfer full): a vault that is gone for good is the user's to give up. */
static char *
explain (WeirVaultHome *self, WeirVaultPlace wanted, const GError *reason)
{
  const char *here = place_names[weir_vault_get_place (self->vault)];
  g_autofree char *note = weir_vault_note_dup_path (self->path);
  const gboolean is_gone = weir_vault_get_state (self->vault) == WEIR_VAULT_MISSING;

  return g_strconcat ("the secrets stay in ", here, " and do not move to ",
                      place_names[wanted], ": ", reason->message, is_gone ? HINT : NULL,
                      note, NULL);
}

/* The vault goes on where it is. */
static void
stay (WeirVaultHome *self, const GError *reason)
{
  const WeirVaultPlace wanted = weir_vault_get_place (self->to);
  g_autofree char *obstacle = explain (self, wanted, reason);

  weir_vault_release (self->vault);
  if (self->wanted != wanted)
    return; /* another wish has come meanwhile */
  if (g_strcmp0 (weir_vault_get_obstacle (self->vault), obstacle) != 0)
    say (self, obstacle);
  weir_vault_set_obstacle (self->vault, obstacle);
}

static void
give_up (WeirVaultHome *self, const GError *reason)
{
  const WeirVaultPlace wanted = weir_vault_get_place (self->to);

  stay (self, reason);
  end (self);
  if (self->wanted != wanted)
    pursue (self);
}

/* The same when some may have been copied. */
static void
give_back (WeirVaultHome *self, const GError *reason)
{
  stay (self, reason);
  g_set_object (&self->from, self->to);
  clear_from (self);
}

static void
move_in (WeirVaultHome *self, WeirVaultPlace place)
{
  weir_vault_move_in (self->vault, place, self->path);
  weir_vault_release (self->vault);
  weir_vault_set_obstacle (self->vault, NULL);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirVaultHome) self = user_data;
  const WeirVaultPlace place = weir_vault_get_place (self->to);
  g_auto (GStrv) names = weir_vault_list (self->from);
  g_autofree char *sentence = NULL;
  g_autoptr (GError) error = NULL;

  if (!weir_vault_copy_finish (WEIR_VAULT (source), result, &error)
      || !write_note (self, place, names, &error))
    {
      give_back (self, error);
      return;
    }
  sentence = g_strdup_printf (
      "The secrets (%u) were moved from %s to %s.", g_strv_length (names),
      place_names[weir_vault_get_place (self->vault)], place_names[place]);
  move_in (self, place);
  say (self, sentence);
  clear_from (self);
}

static void
opened_to_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirVaultHome) self = user_data;
  g_auto (GStrv) names = weir_vault_list (self->from);
  g_autoptr (GError) error = NULL;

  if (open_finish (self, source, result, &error)
      && write_note (self, weir_vault_get_place (self->vault), names, &error))
    weir_vault_copy_async (self->from, self->to, copied_cb, g_object_ref (self));
  else
    give_up (self, error);
}

static void
opened_from_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirVaultHome) self = user_data;
  g_autoptr (GError) error = NULL;

  if (open_finish (self, source, result, &error))
    open_place (self, self->to, opened_to_cb);
  else
    give_up (self, error);
}

static void
held_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirVaultHome) self = user_data;
  const WeirVaultPlace place = weir_vault_get_place (self->vault);

  weir_vault_hold_finish (WEIR_VAULT (source), result);
  self->is_asking = self->may_prompt;
  self->may_prompt = FALSE;
  if (self->wanted == place)
    {
      end (self);
      weir_vault_release (self->vault);
    }
  else if (!self->note.is_there && is_empty (self->vault))
    {
      end (self);
      move_in (self, self->wanted);
    }
  else
    {
      self->from = weir_vault_new (place, self->path);
      self->to = weir_vault_new (self->wanted, self->path);
      open_place (self, self->from, opened_from_cb);
    }
}

static void
pursue (WeirVaultHome *self)
{
  const WeirVaultPlace place = weir_vault_get_place (self->vault);

  if (self->is_busy || !self->is_wanted)
    return;
  if (self->wanted != place)
    {
      self->is_busy = TRUE;
      weir_vault_hold_async (self->vault, held_cb, g_object_ref (self));
      return;
    }
  weir_vault_set_obstacle (self->vault, NULL);
  if (self->note.left == NULL)
    return;
  self->is_busy = TRUE;
  self->from = weir_vault_new (
      place == WEIR_VAULT_FILE ? WEIR_VAULT_KEYRING : WEIR_VAULT_FILE, self->path);
  clear_from (self);
}

static void
on_state (WeirVaultHome *self)
{
  if (weir_vault_get_state (self->vault) == WEIR_VAULT_UNLOCKED
      && self->wanted != weir_vault_get_place (self->vault))
    pursue (self);
}

/* The first thing that is kept: from now on a wish is not enough. */
static void
on_changed (WeirVaultHome *self)
{
  g_autoptr (GError) error = NULL;

  if (self->note.is_there || is_empty (self->vault))
    return;
  self->note.is_there = TRUE;
  if (!write_note (self, weir_vault_get_place (self->vault), NULL, &error))
    g_debug ("where secrets lie could not be written down: %s", error->message);
}

static void
on_unlock_asked (WeirVaultHome *self)
{
  if (self->wanted == weir_vault_get_place (self->vault))
    return;
  self->may_prompt = TRUE;
  pursue (self);
}

WeirVaultHome *
weir_vault_home_new (const char *path, WeirVaultPlace place)
{
  WeirVaultHome *self = g_object_new (WEIR_TYPE_VAULT_HOME, NULL);

  self->path = g_strdup (path);
  weir_vault_note_read (path, &self->note);
  self->wanted = self->note.is_there ? self->note.place : place;
  self->vault = weir_vault_new (self->wanted, path);
  g_signal_connect_object (self->vault, "notify::state", G_CALLBACK (on_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->vault, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->vault, "unlock-asked", G_CALLBACK (on_unlock_asked), self,
                           G_CONNECT_SWAPPED);
  return self;
}

char *
weir_vault_home_dup_default_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "weir", "secrets", NULL);
}

WeirVault *
weir_vault_home_get_vault (WeirVaultHome *self)
{
  return self->vault;
}

void
weir_vault_home_want (WeirVaultHome *self, WeirVaultPlace place)
{
  self->wanted = place;
  self->is_wanted = TRUE;
  pursue (self);
}

static void
weir_vault_home_finalize (GObject *object)
{
  WeirVaultHome *self = WEIR_VAULT_HOME (object);

  g_clear_object (&self->from);
  g_clear_object (&self->to);
  g_clear_object (&self->vault);
  weir_vault_note_clear (&self->note);
  g_free (self->path);
  G_OBJECT_CLASS (weir_vault_home_parent_class)->finalize (object);
}

static void
weir_vault_home_init (WeirVaultHome *self)
{
}

static void
weir_vault_home_class_init (WeirVaultHomeClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weir_vault_home_finalize;
  notice_signal = g_signal_new ("notice", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}
