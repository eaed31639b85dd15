/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Single values of the configuration: shown from the snapshot that is in use, changed in
 * the file, which stays the user's.  Changes are written in a thread, one after the other:
 * each one reads what the one before has left. */

#include "config.h"

#include "control/weir-control-private.h"

#include "proxy/weir-proxy-view.h"
#include "store/weir-config-edit.h"
#include "store/weir-config-value.h"
#include "store/weir-file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)

/* --- what there is --- */

static const char *
get_type (const WeirConfigKey *key)
{
  if (key->type == WEIR_CONFIG_TYPE_BOOL)
    return "switch";
  if (key->type == WEIR_CONFIG_TYPE_WORD)
    return "word";
  if (key->type == WEIR_CONFIG_TYPE_PORT || key->type == WEIR_CONFIG_TYPE_COUNT
      || key->type == WEIR_CONFIG_TYPE_SECONDS || key->type == WEIR_CONFIG_TYPE_NUMBER)
    return "number";
  return "text";
}

/* Of several words for one value the first is the one that is meant. */
static GVariant *
make_words (const WeirConfigKey *key)
{
  GVariantBuilder builder;
  int last = -1;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  for (const WeirConfigWord *word = key->words; word->text != NULL; word++)
    {
      if (word->value != last)
        g_variant_builder_add (&builder, "s", word->text);
      last = word->value;
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
make_setting (const WeirConfigKey *key, const char *value)
{
  g_autofree char *shown = key->type == WEIR_CONFIG_TYPE_PROXY_URL
                               ? weir_config_dup_shown_url (value)
                               : g_strdup (value);
  const char *type = get_type (key);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "key", "s", key->path);
  g_variant_dict_insert (&dict, "type", "s", type);
  g_variant_dict_insert (&dict, "value", "s", shown);
  if (key->type == WEIR_CONFIG_TYPE_WORD)
    g_variant_dict_insert_value (&dict, "words", make_words (key));
  if (g_str_equal (type, "number"))
    {
      const gboolean is_port = key->type == WEIR_CONFIG_TYPE_PORT;

      g_variant_dict_insert (&dict, "minimum", "x", is_port ? (int64_t)0 : key->minimum);
      g_variant_dict_insert (&dict, "maximum", "x",
                             is_port ? (int64_t)G_MAXUINT16 : key->maximum);
    }
  return g_variant_dict_end (&dict);
}

static GVariant *
list_settings (WeirControl *self)
{
  const WeirConfig *config
      = self->proxy != NULL ? weir_proxy_get_routing (self->proxy)->config : NULL;
  const WeirConfigKey *key = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (size_t i = 0; config != NULL && (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      g_autofree char *value = key->is_idle ? NULL : weir_config_dup_value (config, key);

      if (value != NULL)
        g_variant_builder_add_value (&builder, make_setting (key, value));
    }
  return g_variant_builder_end (&builder);
}

static gboolean
on_list_settings (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  weir_bus_manager_complete_list_settings (manager, call, list_settings (user_data));
  return TRUE;
}

/* --- what is changed --- */

typedef struct
{
  WeirControl *control;        /* (unowned) */
  GDBusMethodInvocation *call; /* (owned) until it is answered */
  char *path;                  /* (owned) */
  char *key;                   /* (owned) */
  char *value;                 /* (owned) */
} Change;

static void
change_free (gpointer data)
{
  Change *self = data;

  g_clear_object (&self->call);
  g_free (self->path);
  g_free (self->key);
  weir_secret_wipe_string (self->value); /* an address may hold a password */
  g_free (self);
}

static gboolean
write_change (const Change *change, GError **error)
{
  g_autofree char *path = realpath (change->path, NULL);
  g_autoptr (WeirConfig) config = NULL;
  GBytes *before = NULL;
  GBytes *after = NULL;
  WeirSlice text = { NULL, 0 };
  gboolean ok = FALSE;

  if (path == NULL)
    return weir_error_set (error, WEIR_ERROR_NOT_FOUND, "there is no %s", change->path);
  before = weir_file_read (path, FILE_MAX_BYTES, NULL, NULL, error);
  if (before != NULL)
    {
      text.text = g_bytes_get_data (before, &text.length);
      after = weir_config_edit_set_scalar (text, change->key, change->value, error);
    }
  if (after != NULL)
    {
      text.text = g_bytes_get_data (after, &text.length);
      config = weir_config_parse (text.text, text.length, "config.yaml", NULL, error);
      ok = config != NULL && weir_file_replace (path, text, error);
    }
  weir_file_wipe (before);
  weir_file_wipe (after);
  return ok;
}

static void
change_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (write_change (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void run_next (WeirControl *self);

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  WeirControl *self = change->control;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      weir_control_fail (g_steal_pointer (&change->call), error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* there is no control any more */
    }
  else /* it is answered when the file was read */
    {
      g_ptr_array_add (self->reloaders, g_steal_pointer (&change->call));
      weir_control_reload (self);
    }
  g_ptr_array_remove_index (self->changes, 0);
  run_next (self);
}

static void
run_next (WeirControl *self)
{
  if (self->changes->len > 0)
    g_task_run_in_thread (self->changes->pdata[0], change_in_thread);
}

/* What reads as it is now is no change: a hidden password stays. */
static gboolean
is_same (WeirControl *self, const WeirConfigKey *key, const char *value)
{
  const WeirConfig *config
      = self->proxy != NULL ? weir_proxy_get_routing (self->proxy)->config : NULL;
  g_autofree char *now = config != NULL ? weir_config_dup_value (config, key) : NULL;
  g_autofree char *shown = now != NULL ? weir_config_dup_shown_url (now) : NULL;

  return g_strcmp0 (shown, value) == 0;
}

static gboolean
on_set_setting (WeirBusManager *manager,
                GDBusMethodInvocation *call,
                const char *path,
                const char *value,
                gpointer user_data)
{
  WeirControl *self = user_data;
  const WeirConfigKey *key = weir_config_table_lookup_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  Change *change;

  if (key == NULL)
    {
      weir_error_set (&error, WEIR_ERROR_NOT_FOUND, "there is no setting %s", path);
      weir_control_fail (call, error);
      return TRUE;
    }
  if (is_same (self, key, value))
    {
      weir_bus_manager_complete_set_setting (manager, call);
      return TRUE;
    }
  change = g_new0 (Change, 1);
  change->control = self;
  change->call = call;
  change->path = g_strdup (weir_bus_manager_get_config_path (manager));
  change->key = g_strdup (path);
  change->value = g_strdup (value);
  task = g_task_new (NULL, self->ends, changed_cb, NULL);
  g_task_set_source_tag (task, (gpointer)(guintptr)on_set_setting);
  g_task_set_task_data (task, change, change_free);
  g_ptr_array_add (self->changes, g_object_ref (task));
  if (self->changes->len == 1)
    run_next (self);
  return TRUE;
}

void
weir_control_connect_settings (WeirControl *self)
{
  g_signal_connect (self->manager, "handle-list-settings", G_CALLBACK (on_list_settings),
                    self);
  g_signal_connect (self->manager, "handle-set-setting", G_CALLBACK (on_set_setting), self);
}
