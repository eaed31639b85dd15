/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The verbs about accounts: who they are, what is left of them, whether that is enough. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>
#include <string.h>

#define ACCOUNT_INTERFACE WEIR_CLI_INTERFACE ".Account"

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (weir_cli_get_text (*(GVariant *const *)a, "Id"),
                 weir_cli_get_text (*(GVariant *const *)b, "Id"));
}

GPtrArray *
weir_cli_list_accounts (WeirCli *self, GError **error)
{
  g_autoptr (GVariant) reply
      = weir_cli_call (self, WEIR_CLI_PATH, "org.freedesktop.DBus.ObjectManager",
                       "GetManagedObjects", NULL, error);
  g_autoptr (GVariantIter) objects = NULL;
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  GVariant *interfaces = NULL;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(a{oa{sa{sv}}})", &objects);
  while (g_variant_iter_next (objects, "{o@a{sa{sv}}}", NULL, &interfaces))
    {
      GVariant *account = g_variant_lookup_value (interfaces, ACCOUNT_INTERFACE,
                                                  G_VARIANT_TYPE ("a{sv}"));

      if (account != NULL)
        g_ptr_array_add (accounts, account);
      g_variant_unref (interfaces);
    }
  g_ptr_array_sort (accounts, compare_ids);
  return g_steal_pointer (&accounts);
}

char *
weir_cli_dup_account_path (const char *id)
{
  g_autofree char *element = g_strdelimit (g_strdup (id), "-", '_');

  return g_strconcat (WEIR_CLI_PATH "/Account/", element, NULL);
}

/* How well @word names it: 3 its id, 2 its label, 1 the beginning of its id or its
 * provider; 0 not at all. */
static int
judge (GVariant *account, const char *word)
{
  const char *id = weir_cli_get_text (account, "Id");

  if (g_str_equal (id, word))
    return 3;
  if (g_ascii_strcasecmp (weir_cli_get_text (account, "Label"), word) == 0)
    return 2;
  return g_str_has_prefix (id, word)
         || g_str_equal (weir_cli_get_text (account, "Provider"), word);
}

char *
weir_cli_find_account (WeirCli *self,
                       const char *word,
                       GVariant **out_properties,
                       GError **error)
{
  g_autoptr (GPtrArray) accounts = weir_cli_list_accounts (self, error);
  GVariant *best = NULL;
  int best_mark = 0;
  unsigned n_best = 0;

  if (accounts == NULL)
    return NULL;
  for (unsigned i = 0; i < accounts->len; i++)
    {
      const int mark = judge (g_ptr_array_index (accounts, i), word);

      if (mark == 0 || mark < best_mark)
        continue;
      n_best = mark > best_mark ? 1 : n_best + 1;
      best_mark = mark;
      best = g_ptr_array_index (accounts, i);
    }
  if (n_best != 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   n_best == 0 ? "there is no account \"%s\"; `weir accounts` lists them"
                               : "\"%s\" may be several accounts; `weir accounts` lists "
                                 "them",
                   word);
      return NULL;
    }
  *out_properties = g_variant_ref (best);
  return weir_cli_dup_account_path (weir_cli_get_text (best, "Id"));
}

/* --- lists --- */

static void
print_json_list (GPtrArray *accounts)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) list = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; i < accounts->len; i++)
    g_variant_builder_add_value (&builder, g_ptr_array_index (accounts, i));
  list = g_variant_ref_sink (g_variant_builder_end (&builder));
  weir_cli_print_json (list);
}

static int
list_accounts (WeirCli *self)
{
  static const char *const heading[]
      = { "ID", "VENDOR", "LABEL", "PLAN", "STATE", "RESTS", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = weir_cli_list_accounts (self, &error);
  WeirCliGrid *grid;

  if (accounts == NULL)
    return weir_cli_report (error);
  if (self->options.json)
    {
      print_json_list (accounts);
      return WEIR_CLI_OK;
    }
  grid = weir_cli_grid_new (heading);
  for (unsigned i = 0; i < accounts->len; i++)
    {
      GVariant *account = g_ptr_array_index (accounts, i);
      g_autofree char *rests = weir_cli_dup_span (weir_cli_get_int (account, "RestsUntil"));

      weir_cli_grid_add (grid, weir_cli_get_text (account, "Id"));
      weir_cli_grid_add (grid, weir_cli_get_text (account, "ProviderName"));
      weir_cli_grid_add (grid, weir_cli_get_text (account, "Label"));
      weir_cli_grid_add (grid, weir_cli_get_text (account, "Plan"));
      weir_cli_grid_add (grid, weir_cli_get_text (account, "State"));
      weir_cli_grid_add (grid, rests);
    }
  weir_cli_grid_print (grid);
  return WEIR_CLI_OK;
}

/* --- changes --- */

static int
set_property (WeirCli *self, const char *path, const char *name, GVariant *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = weir_cli_call (self, path, "org.freedesktop.DBus.Properties", "Set",
                       g_variant_new ("(ssv)", ACCOUNT_INTERFACE, name, value), &error);

  return reply != NULL ? WEIR_CLI_OK : weir_cli_report (error);
}

static int
call_account (WeirCli *self, const char *path, const char *method, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = weir_cli_call (self, path, ACCOUNT_INTERFACE, method, parameters, &error);

  return reply != NULL ? WEIR_CLI_OK : weir_cli_report (error);
}

/* An action on one account: a property that is set, or a method. */
typedef struct
{
  const char *word;
  const char *property; /* (nullable) */
  const char *type;     /* (nullable) of the value; NULL: it is the row's truth */
  gboolean truth;
  const char *method; /* (nullable) */
} Action;

static const Action actions[] = {
  { "enable", "Enabled", NULL, TRUE, NULL },
  { "disable", "Enabled", NULL, FALSE, NULL },
  { "rename", "Label", "s", FALSE, NULL },
  { "prefix", "Prefix", "s", FALSE, NULL },
  { "proxy", "ProxyUrl", "s", FALSE, NULL },
  { "priority", "Priority", "i", FALSE, NULL },
  { "weight", "Weight", "u", FALSE, NULL },
  { "stop-at", "StopAt", "d", FALSE, NULL },
  { "any-client", "AnyClient", "b", FALSE, NULL },
  { "prefer", NULL, NULL, FALSE, "Prefer" },
  { "clear-rests", NULL, NULL, FALSE, "ClearRests" },
};

/* (transfer floating) (nullable): @text as a value of @type. */
static GVariant *
read_value (const char *type, const char *text)
{
  char *end = NULL;
  gint64 number = 0;
  double real = 0;

  if (g_str_equal (type, "s"))
    return g_variant_new_string (text);
  if (g_str_equal (type, "b"))
    return g_str_equal (text, "on")    ? g_variant_new_boolean (TRUE)
           : g_str_equal (text, "off") ? g_variant_new_boolean (FALSE)
                                       : NULL;
  if (g_str_equal (type, "d"))
    {
      real = g_ascii_strtod (text, &end);
      return end != text && *end == '\0' ? g_variant_new_double (real) : NULL;
    }
  if (!g_ascii_string_to_signed (text, 10, g_str_equal (type, "u") ? 0 : G_MININT32,
                                 G_MAXINT32, &number, NULL))
    return NULL;
  return g_str_equal (type, "u") ? g_variant_new_uint32 ((guint32)number)
                                 : g_variant_new_int32 ((gint32)number);
}

/* What a vendor's terms say is read before it is done. */
static void
print_any_client_sentence (const Action *action, GVariant *account, const char *value)
{
  const char *sentence = weir_cli_get_text (account, "AnyClientSentence");

  if (g_strcmp0 (action->property, "AnyClient") == 0 && g_strcmp0 (value, "on") == 0
      && *sentence != '\0')
    fprintf (stderr, "%s\n", sentence);
}

static int
act (WeirCli *self, const Action *action)
{
  const char *text = self->n_words > 2 ? self->words[2] : NULL;
  g_autoptr (GVariant) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  GVariant *value = NULL;

  if ((action->type != NULL) != (text != NULL))
    return weir_cli_fail (WEIR_CLI_USAGE, "weir accounts %s ACCOUNT%s", action->word,
                          action->type != NULL ? " VALUE" : "");
  path = weir_cli_find_account (self, self->words[1], &account, &error);
  if (path == NULL)
    return weir_cli_report (error);
  if (action->method != NULL)
    return call_account (self, path, action->method, NULL);
  value = action->type == NULL ? g_variant_new_boolean (action->truth)
                               : read_value (action->type, text);
  if (value == NULL)
    return weir_cli_fail (WEIR_CLI_USAGE, "\"%s\" is nothing that %s takes", text,
                          action->word);
  print_any_client_sentence (action, account, text);
  return set_property (self, path, action->property, value);
}

static int
remove_account (WeirCli *self, const char *word)
{
  g_autoptr (GVariant) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = weir_cli_find_account (self, word, &account, &error);

  if (path == NULL)
    return weir_cli_report (error);
  return call_account (self, path, "Remove", g_variant_new ("(b)", self->options.revoke));
}

int
weir_cli_logout (WeirCli *self)
{
  if (!weir_cli_connect (self, FALSE))
    return WEIR_CLI_UNAVAILABLE;
  return remove_account (self, self->words[0]);
}

static int
show_account (WeirCli *self, const char *word)
{
  g_autoptr (GVariant) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = weir_cli_find_account (self, word, &account, &error);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  if (path == NULL)
    return weir_cli_report (error);
  if (self->options.json)
    {
      weir_cli_print_json (account);
      return WEIR_CLI_OK;
    }
  g_variant_iter_init (&iter, account);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autofree char *text = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
                                  ? g_variant_dup_string (value, NULL)
                                  : g_variant_print (value, FALSE);

      printf ("%-18s %s\n", name, text);
      g_variant_unref (value);
    }
  return WEIR_CLI_OK;
}

int
weir_cli_accounts (WeirCli *self)
{
  const char *word = self->n_words > 0 ? self->words[0] : "list";
  const char *subject = self->n_words > 1 ? self->words[1] : NULL;

  if (!weir_cli_connect (self, FALSE))
    return WEIR_CLI_UNAVAILABLE;
  if (g_str_equal (word, "list"))
    return list_accounts (self);
  if (g_str_equal (word, "export"))
    return weir_cli_export (self);
  if (self->n_words > 3)
    return weir_cli_fail (WEIR_CLI_USAGE, "one word too many: weir accounts %s", word);
  if (g_str_equal (word, "import"))
    return weir_cli_import (self, subject);
  if (subject == NULL)
    return weir_cli_fail (WEIR_CLI_USAGE, "which account? weir accounts %s ACCOUNT", word);
  if (g_str_equal (word, "show"))
    return show_account (self, subject);
  if (g_str_equal (word, "remove"))
    return remove_account (self, subject);
  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].word, word))
      return act (self, &actions[i]);
  return weir_cli_fail (WEIR_CLI_USAGE,
                        "there is no action \"%s\"; see `weir help "
                        "accounts`",
                        word);
}
