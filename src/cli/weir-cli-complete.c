/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `weir complete accounts|models|providers`: the words that a shell's completion asks for,
 * one a line.  Says nothing else, and never starts anything. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>

/* A list of the Manager's and the member that is the word. */
static void
print_members (WeirCli *self, const char *method, const char *member)
{
  g_autoptr (GVariant) reply = weir_cli_call_manager (self, method, NULL, NULL);
  g_autoptr (GVariant) list = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;

  for (size_t i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (list, i);

      printf ("%s\n", weir_cli_get_text (row, member));
    }
}

int
weir_cli_complete (WeirCli *self)
{
  const char *what = self->words[0];
  g_autoptr (GPtrArray) accounts = NULL;

  if (!weir_cli_find (self))
    return WEIR_CLI_UNAVAILABLE;
  if (g_str_equal (what, "models"))
    print_members (self, "ListModels", "id");
  else if (g_str_equal (what, "providers"))
    print_members (self, "ListProviders", "id");
  else if (g_str_equal (what, "accounts"))
    accounts = weir_cli_list_accounts (self, NULL);
  for (unsigned i = 0; accounts != NULL && i < accounts->len; i++)
    printf ("%s\n", weir_cli_get_text (g_ptr_array_index (accounts, i), "Id"));
  return WEIR_CLI_OK;
}
