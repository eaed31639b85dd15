/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is left: `weir quota` for people, `weir guard` for scripts. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>
#include <string.h>

#define UNKNOWN (-1.0)
#define ANSWERS_US (5 * (int64_t)G_USEC_PER_SEC)
#define LOOK_AGAIN_US 100000

/* --- quota --- */

static void
add_window (WeirCliGrid *grid, GVariant *account, GVariant *window)
{
  const double used = weir_cli_get_double (window, "used", UNKNOWN);
  const char *scope = weir_cli_get_text (window, "scope");
  g_autofree char *left
      = used >= 0 ? g_strdup_printf ("%.0f %%", 100 - used) : g_strdup ("?");
  g_autofree char *resets = weir_cli_dup_span (weir_cli_get_int (window, "resets"));
  g_autofree char *runs_out = weir_cli_dup_span (weir_cli_get_int (window, "runs-out"));
  g_autofree char *name
      = *scope != '\0'
            ? g_strdup_printf ("%s (%s)", weir_cli_get_text (window, "name"), scope)
            : g_strdup (weir_cli_get_text (window, "name"));

  weir_cli_grid_add (grid, weir_cli_get_text (account, "Id"));
  weir_cli_grid_add (grid, name);
  weir_cli_grid_add (grid, left);
  weir_cli_grid_add (grid, resets);
  weir_cli_grid_add (grid, weir_cli_get_text (window, "pace"));
  weir_cli_grid_add (grid, runs_out);
}

static void
add_credit (WeirCliGrid *grid, GVariant *account, GVariant *credit)
{
  const double left = weir_cli_get_double (credit, "left", UNKNOWN);
  const double of = weir_cli_get_double (credit, "of", 0);
  g_autofree char *expires = weir_cli_dup_span (weir_cli_get_int (credit, "expires"));
  g_autofree char *amount = NULL;

  if (left < 0)
    return;
  if (of > 0)
    amount = g_strdup_printf ("%.10g of %.10g %s", left, of,
                              weir_cli_get_text (credit, "unit"));
  else
    amount = g_strdup_printf ("%.10g %s", left, weir_cli_get_text (credit, "unit"));
  weir_cli_grid_add (grid, weir_cli_get_text (account, "Id"));
  weir_cli_grid_add (grid, weir_cli_get_text (credit, "name"));
  weir_cli_grid_add (grid, amount);
  weir_cli_grid_add (grid, expires);
  weir_cli_grid_add (grid, "");
  weir_cli_grid_add (grid, "");
}

static void
add_account (WeirCliGrid *grid, GVariant *account)
{
  g_autoptr (GVariant) credits
      = g_variant_lookup_value (account, "Credits", G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GVariant) windows
      = g_variant_lookup_value (account, "Windows", G_VARIANT_TYPE ("aa{sv}"));
  const char *sentence = weir_cli_get_text (account, "QuotaSentence");

  for (size_t i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr (GVariant) window = g_variant_get_child_value (windows, i);

      add_window (grid, account, window);
    }
  for (size_t i = 0; credits != NULL && i < g_variant_n_children (credits); i++)
    {
      g_autoptr (GVariant) credit = g_variant_get_child_value (credits, i);

      add_credit (grid, account, credit);
    }
  if (windows != NULL && g_variant_n_children (windows) > 0)
    return;
  weir_cli_grid_add (grid, weir_cli_get_text (account, "Id"));
  weir_cli_grid_add (grid, *sentence != '\0' ? sentence : "nothing is known yet");
  for (unsigned i = 0; i < 4; i++)
    weir_cli_grid_add (grid, "");
}

/* (transfer full) (nullable): those that the verb is about; said already where NULL. */
static GPtrArray *
get_accounts (WeirCli *self, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autofree char *path = NULL;
  GVariant *account = NULL;

  if (self->n_words == 0)
    accounts = weir_cli_list_accounts (self, &error);
  else
    {
      path = weir_cli_find_account (self, self->words[0], &account, &error);
      if (path != NULL)
        {
          accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
          g_ptr_array_add (accounts, account);
        }
    }
  if (accounts == NULL)
    *out_status = weir_cli_report (error);
  return g_steal_pointer (&accounts);
}

static int
print_json (GPtrArray *accounts)
{
  static const char *const members[] = { "Id",    "Provider", "Label",   "Plan",
                                         "State", "Windows",  "Credits", "QuotaSentence" };
  GVariantBuilder builder;
  g_autoptr (GVariant) list = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; i < accounts->len; i++)
    {
      GVariant *account = g_ptr_array_index (accounts, i);
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      for (size_t j = 0; j < G_N_ELEMENTS (members); j++)
        {
          g_autoptr (GVariant) value = g_variant_lookup_value (account, members[j], NULL);

          if (value != NULL)
            g_variant_dict_insert_value (&dict, members[j], value);
        }
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  list = g_variant_ref_sink (g_variant_builder_end (&builder));
  weir_cli_print_json (list);
  return WEIR_CLI_OK;
}

/* When anything of the account was read last. */
static int64_t
get_read_us (GVariant *account)
{
  g_autoptr (GVariant) windows
      = g_variant_lookup_value (account, "Windows", G_VARIANT_TYPE ("aa{sv}"));
  int64_t read_us = 0;

  for (size_t i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr (GVariant) window = g_variant_get_child_value (windows, i);

      read_us = MAX (read_us, weir_cli_get_int (window, "read"));
    }
  return read_us;
}

/* Asks, and waits for what vendors say: not for those who say nothing. */
static gboolean
refresh (WeirCli *self, GError **error)
{
  const int64_t began_us = g_get_real_time ();
  g_autoptr (GVariant) reply
      = weir_cli_call_manager (self, "RefreshQuota", g_variant_new ("(s)", ""), error);
  unsigned asked = 0;
  unsigned read = 0;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", &asked);
  while (read < asked && g_get_real_time () - began_us < ANSWERS_US)
    {
      g_autoptr (GPtrArray) accounts = NULL;

      g_usleep (LOOK_AGAIN_US);
      accounts = weir_cli_list_accounts (self, error);
      if (accounts == NULL)
        return FALSE;
      read = 0;
      for (unsigned i = 0; i < accounts->len; i++)
        read += get_read_us (g_ptr_array_index (accounts, i)) >= began_us;
    }
  return TRUE;
}

/* --- resets --- */

/* Returns the exit status. */
static int
reset_limit (WeirCli *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) account = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *path = NULL;
  const char *outcome = NULL;

  if (self->n_words == 0)
    return weir_cli_fail (WEIR_CLI_USAGE, "--reset wants an account");
  path = weir_cli_find_account (self, self->words[0], &account, &error);
  if (path != NULL)
    reply = weir_cli_call (self, path, WEIR_CLI_INTERFACE ".Account", "ResetLimit", NULL,
                           &error);
  if (reply == NULL)
    return weir_cli_report (error);
  g_variant_get (reply, "(&s)", &outcome);
  if (g_str_equal (outcome, "nothing"))
    return weir_cli_fail (WEIR_CLI_NO, "no limit of %s needs a reset; nothing was spent",
                          weir_cli_get_text (account, "Id"));
  if (!g_str_equal (outcome, "done"))
    return weir_cli_fail (WEIR_CLI_NO, "%s has no reset left",
                          weir_cli_get_text (account, "Id"));
  printf ("The limits of %s were reset.\n", weir_cli_get_text (account, "Id"));
  return WEIR_CLI_OK;
}

int
weir_cli_quota (WeirCli *self)
{
  static const char *const heading[]
      = { "ACCOUNT", "WINDOW", "LEFT", "RESETS IN", "PACE", "RUNS OUT IN", NULL };
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  WeirCliGrid *grid;
  int status = WEIR_CLI_OK;

  if (!weir_cli_connect (self, FALSE))
    return WEIR_CLI_UNAVAILABLE;
  if (self->options.reset)
    return reset_limit (self);
  if (self->options.refresh && !refresh (self, &error))
    return weir_cli_report (error);
  accounts = get_accounts (self, &status);
  if (accounts == NULL)
    return status;
  if (self->options.json)
    return print_json (accounts);
  grid = weir_cli_grid_new (heading);
  for (unsigned i = 0; i < accounts->len; i++)
    add_account (grid, g_ptr_array_index (accounts, i));
  weir_cli_grid_print (grid);
  return WEIR_CLI_OK;
}

/* --- guard --- */

/* "5h" is "5 hours". */
static gboolean
is_window (GVariant *window, const char *wanted)
{
  const char *name = weir_cli_get_text (window, "name");
  char *unit = NULL;
  char *wanted_unit = NULL;

  if (wanted == NULL || g_ascii_strcasecmp (name, wanted) == 0)
    return TRUE;
  if (g_ascii_strtoll (name, &unit, 10) != g_ascii_strtoll (wanted, &wanted_unit, 10))
    return FALSE;
  while (*unit == ' ')
    unit++;
  return *wanted_unit != '\0' && wanted_unit != wanted
         && g_ascii_tolower (*unit) == g_ascii_tolower (*wanted_unit);
}

/* What is left in the tightest of the account's windows; UNKNOWN. */
static double
get_left (GVariant *account, const char *wanted)
{
  g_autoptr (GVariant) windows
      = g_variant_lookup_value (account, "Windows", G_VARIANT_TYPE ("aa{sv}"));
  double left = UNKNOWN;

  for (size_t i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr (GVariant) window = g_variant_get_child_value (windows, i);
      const double used = weir_cli_get_double (window, "used", UNKNOWN);

      if (used < 0 || !is_window (window, wanted))
        continue;
      if (left < 0 || 100 - used < left)
        left = MAX (100 - used, 0);
    }
  return left;
}

static gboolean
may_serve (GVariant *account)
{
  const char *state = weir_cli_get_text (account, "State");

  return g_str_equal (state, "ready") || g_str_equal (state, "resting")
         || g_str_equal (state, "exhausted");
}

int
weir_cli_guard (WeirCli *self)
{
  g_autoptr (GPtrArray) accounts = NULL;
  GVariant *best = NULL;
  double left = UNKNOWN;
  int status = WEIR_CLI_OK;

  if (self->options.min_left < 0 || self->options.min_left > 100)
    return weir_cli_fail (WEIR_CLI_USAGE, "--min-left is 0 to 100");
  if (!weir_cli_connect (self, FALSE))
    return WEIR_CLI_UNAVAILABLE;
  accounts = get_accounts (self, &status);
  if (accounts == NULL)
    return status == WEIR_CLI_NO ? WEIR_CLI_USAGE : status;
  for (unsigned i = 0; i < accounts->len; i++)
    {
      GVariant *account = g_ptr_array_index (accounts, i);
      const double of_account
          = may_serve (account) ? get_left (account, self->options.window) : UNKNOWN;

      if (best != NULL && of_account <= left)
        continue;
      best = account;
      left = of_account;
    }
  if (left < 0)
    return weir_cli_fail (WEIR_CLI_UNAVAILABLE, "nobody knows what is left");
  if (self->options.json)
    printf ("{\"account\":\"%s\",\"left\":%.1f,\"enough\":%s}\n",
            weir_cli_get_text (best, "Id"), left,
            left >= self->options.min_left ? "true" : "false");
  else
    printf ("%s: %.0f %% left\n", weir_cli_get_text (best, "Id"), left);
  return left >= self->options.min_left ? WEIR_CLI_OK : WEIR_CLI_NO;
}
