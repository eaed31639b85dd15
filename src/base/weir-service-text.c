/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of what the service says. */

#include "config.h"

#include "base/weir-service-text.h"

#include "base/weir-translate.h"

#include <stdio.h>
#include <string.h>

/* the name by which texts with numbers are found for translators */
#define ngettext weir_translate_plural

#define HOLES_MAX 3

/* clang-format off */
/* Each %s stands for what differs from time to time: a vendor's name, a reason. */
static const char *const known[] = {
  /* limits and credits */
  N_ ("Account"), N_ ("Credits"), N_ ("Day"), N_ ("Key"), N_ ("Limit resets"), N_ ("Month"),
  N_ ("Premium requests"), N_ ("Primary"), N_ ("Quota"), N_ ("Requests"), N_ ("resets"),
  N_ ("Secondary"), N_ ("Session"), N_ ("Tokens"), N_ ("Week"), N_ ("credits"), N_ ("requests"),
  /* accounts */
  N_ ("Its sign-in is not in the vault any more. Please sign in again."),
  N_ ("Its sign-in cannot be read now: %s."),
  N_ ("This sign-in to %s has run out, and cannot be renewed from here. Please sign in again, "
      "or let the program that it came from renew it."),
  N_ ("%s takes this sign-in no longer; the answer to its last renewal was lost on the way. "
      "Please sign in again."),
  N_ ("%s takes this sign-in no longer. Please sign in again."),
  N_ ("Nothing is left of it."),
  N_ ("Sign in again."),
  N_ ("The vendor says that this subscription is for its own programs. Whoever lets others use "
      "it may lose the account."),
  /* what is left */
  N_ ("%s does not take the sign-in any more; sign in again to see what is left."),
  N_ ("%s does not let this account see what is left."),
  N_ ("%s has been asked too often; what is shown is older."),
  N_ ("%s cannot be asked just now; what is shown is older."),
  N_ ("%s has answered something that this version does not understand; what is shown is "
      "older."),
  N_ ("The vendor of this key"),
  /* the keyring */
  N_ ("the keyring is locked; unlock it"),
  N_ ("there is no default keyring yet; unlocking makes one"),
  N_ ("no keyring service runs; start one, or set secrets: file"),
  /* the port */
  N_ ("Port %s is used by %s on %s; stop it, or set another port with --port or \"port:\" in the "
      "configuration."),
  N_ ("%s (process %s)"),
  /* sign-ins */
  N_ ("Please go on in the browser, where %s asks you."),
  N_ ("No browser could be opened. Please open the address yourself."),
  N_ ("The sign-in was cancelled."),
  N_ ("Nobody finished the sign-in to %s in time. Please begin again."),
  N_ ("Signed in to %s as %s."),
  N_ ("Signed in to %s."),
  N_ ("That cannot be used: %s."),
  N_ ("Port %s of this machine, where %s sends the browser back to, is taken by another "
      "program. Close that program and begin again, or open the address and paste the one that "
      "the browser ends up at."),
  N_ ("%s refused the sign-in (%s)."),
  N_ ("%s no longer takes this sign-in's code. Please begin again."),
  N_ ("%s refused this account."),
  N_ ("%s let the code expire. Please begin again."),
  N_ ("%s refused the client id or secret: see oauth-clients in the configuration."),
  N_ ("%s gave no usable answer. Please try again later."),
  /* vendors */
  N_ ("Anthropic says that a Claude subscription is for Claude's own programs. This account "
      "serves Claude Code only, unless you allow any client."),
  N_ ("You sign in as Codex does, and what is asked counts against the Codex limits of your "
      "ChatGPT plan."),
  N_ ("GitHub documents Copilot for its own programs and editors only. What is asked through "
      "Weir spends the AI credits of your plan."),
  N_ ("You sign in as Kimi's coding program does, and what is asked counts against your Kimi "
      "plan."),
  N_ ("Amazon documents Kiro for its own programs only and may limit an account that others use; "
      "Weir has not been tried with it yet. You sign in with an AWS Builder ID; a sign-in by "
      "Google, GitHub or a company can be taken over from Kiro."),
  N_ ("You sign in as the Grok program does, and what is asked counts against your Grok plan."),
  N_ ("Google offers Antigravity's models in its own programs, and may limit an account that "
      "other programs use. Google also asks for the client secret under oauth-clients in the "
      "configuration."),
  N_ ("Since June 2026 Google lets only Workspace, Standard and Enterprise accounts sign in "
      "here; others can use Antigravity or an API key. Google also asks for the client secret "
      "under oauth-clients in the configuration."),
  N_ ("Qwen ended this sign-in in April 2026. An API key works, and accounts that were imported "
      "are used as long as Qwen takes them."),
  N_ ("iFlow's sign-in has not worked for other programs since April 2026. An API key works, "
      "and accounts that were imported are used as long as iFlow takes them."),
  N_ ("Vertex AI is not signed in to: import the key file of a service account (weir accounts "
      "import FILE). What is asked is billed to its project."),
  /* what is imported, and handed over */
  N_ ("There is more in it than a folder of sign-ins would hold."),
  N_ ("The zip archive is broken."),
  N_ ("The zip archive has a password, or is packed in a way that is not read here."),
  N_ ("The service account cannot be used: %s."),
  N_ ("The service account gets its tokens elsewhere than at Google's endpoint; the "
      "configuration can name it (vertex-api-key)."),
  N_ ("The service account does not say which project it is of."),
  N_ ("GitHub's program keeps this sign-in in the keyring, for itself; please sign in here: weir "
      "login copilot."),
  N_ ("Others may read that file; sign-ins are not written to it."),
  N_ ("There is no account that can be handed over."),
  N_ ("Nothing was written: %s."),
};
/* clang-format on */

/* (transfer full) (nullable): what stands in the holes of @form, where @text has it. */
static GStrv
match (const char *form, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (form, "%s", HOLES_MAX + 1);
  g_autoptr (GStrvBuilder) holes = g_strv_builder_new ();
  const char *rest = text;

  if (!g_str_has_prefix (text, parts[0]))
    return NULL;
  rest += strlen (parts[0]);
  for (unsigned i = 1; parts[i] != NULL; i++)
    {
      gboolean is_last = parts[i + 1] == NULL;
      const char *end = NULL;
      g_autofree char *hole = NULL;

      if (!is_last)
        end = strstr (rest, parts[i]);
      else if (g_str_has_suffix (rest, parts[i]))
        end = rest + strlen (rest) - strlen (parts[i]);
      if (end == NULL)
        return NULL;
      hole = g_strndup (rest, (size_t)(end - rest));
      g_strv_builder_add (holes, hole);
      rest = end + strlen (parts[i]);
    }
  return *rest == '\0' ? g_strv_builder_end (holes) : NULL;
}

static char *
fill (const char *form, GStrv holes)
{
  g_auto (GStrv) parts = g_strsplit (form, "%s", HOLES_MAX + 1);
  g_autoptr (GString) text = g_string_new (parts[0]);

  for (unsigned i = 1; parts[i] != NULL && holes[i - 1] != NULL; i++)
    {
      g_autofree char *hole = weir_service_text_dup (holes[i - 1]);

      g_string_append (text, hole);
      g_string_append (text, parts[i]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full) (nullable): "5 hours" and its like. */
static char *
dup_span (const char *text)
{
  char unit[8] = "";
  unsigned n;
  int length = 0;

  if (sscanf (text, "%5u %7[a-z]%n", &n, unit, &length) != 2 || text[length] != '\0')
    return NULL;
  if (g_str_has_prefix (unit, "day"))
    return g_strdup_printf (ngettext ("%u day", "%u days", n), n);
  if (g_str_has_prefix (unit, "hour"))
    return g_strdup_printf (ngettext ("%u hour", "%u hours", n), n);
  if (g_str_has_prefix (unit, "minute"))
    return g_strdup_printf (ngettext ("%u minute", "%u minutes", n), n);
  if (g_str_has_prefix (unit, "second"))
    return g_strdup_printf (ngettext ("%u second", "%u seconds", n), n);
  return NULL;
}

char *
weir_service_text_dup (const char *text)
{
  char *span;

  if (text == NULL || *text == '\0')
    return g_strdup ("");
  span = dup_span (text);
  if (span != NULL)
    return span;
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_auto (GStrv) holes = match (known[i], text);

      if (holes != NULL)
        return fill (_ (known[i]), holes);
    }
  return g_strdup (text);
}
