/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the cases have shown, pair by pair: kept, lost, refused.  It stands in the README of
 * the room chat, behind a mark. */

#include "config.h"

#include "golden.h"

#include "chat/weir-loss.h"

#define README_MARK "<!-- below: ninja golden-update -->\n"

static char *
make_key (const char *kind, WeirDialect client, WeirDialect upstream, const char *text)
{
  return g_strdup_printf ("%s %d %d %s", kind, (int)client, (int)upstream, text);
}

void
golden_note_losses (Golden *self,
                    const char *kind,
                    WeirDialect client,
                    WeirDialect upstream,
                    const char *losses)
{
  g_auto (GStrv) words = g_strsplit (losses != NULL ? losses : "", ",", -1);

  for (unsigned i = 0; words[i] != NULL; i++)
    g_hash_table_add (self->seen, make_key (kind, client, upstream, words[i]));
}

void
golden_note_refusal (Golden *self,
                     WeirDialect client,
                     WeirDialect upstream,
                     const char *message)
{
  const char *place
      = g_str_has_prefix (message, "messages[") ? strstr (message, ": ") : NULL;

  g_autofree char *subject = NULL;
  const char *end;

  if (place != NULL)
    message = place + 2;
  end = strstr (message, " cannot be said");
  subject = g_strndup (message, end != NULL ? (gsize)(end - message) : strlen (message));
  g_hash_table_add (self->seen, make_key ("refused", client, upstream, subject));
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* (transfer container): what was noted of the pair, sorted; WEIR_DIALECT_LAST as @upstream
 * means any. */
static GPtrArray *
list_noted (const Golden *self, const char *kind, WeirDialect client, WeirDialect upstream)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  for (unsigned i = 0; i < WEIR_DIALECT_LAST; i++)
    {
      g_autofree char *prefix = make_key (kind, client, (WeirDialect)i, "");

      if (upstream != WEIR_DIALECT_LAST && upstream != (WeirDialect)i)
        continue;
      g_hash_table_iter_init (&iter, self->seen);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        if (g_str_has_prefix (key, prefix))
          g_ptr_array_add (list, (char *)key + strlen (prefix));
    }
  g_ptr_array_sort (list, compare_texts);
  return list;
}

static gboolean
holds (const GPtrArray *list, const char *text)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp (g_ptr_array_index (list, i), text) == 0)
      return TRUE;
  return FALSE;
}

/* A row of those in @list that are not in @without (nullable), each once. */
static void
add_row (GString *out,
         const char *name,
         const GPtrArray *list,
         const GPtrArray *without,
         const char *quote)
{
  const char *last = "";
  const char *between = "";

  g_string_append_printf (out, "| %s | ", name);
  for (guint i = 0; i < list->len; i++)
    {
      const char *text = g_ptr_array_index (list, i);

      if (strcmp (text, last) == 0 || (without != NULL && holds (without, text)))
        continue;
      g_string_append_printf (out, "%s%s%s%s", between, quote, text, quote);
      between = *quote != '\0' ? " " : "; ";
      last = text;
    }
  g_string_append (out, *last != '\0' ? " |\n" : "- |\n");
}

static void
add_pair (const Golden *self, WeirDialect client, WeirDialect upstream, GString *out)
{
  g_autoptr (GPtrArray) any = list_noted (self, "lost", client, WEIR_DIALECT_LAST);
  g_autoptr (GPtrArray) lost = list_noted (self, "lost", client, upstream);
  g_autoptr (GPtrArray) answer = list_noted (self, "answer", client, upstream);
  g_autoptr (GPtrArray) refused = list_noted (self, "refused", client, upstream);

  g_string_append_printf (out, "\n### %s client, %s upstream\n\n| | |\n|---|---|\n",
                          weir_protocol_get (client)->name,
                          weir_protocol_get (upstream)->name);
  add_row (out, "kept here, lost elsewhere", any, lost, "`");
  add_row (out, "lost", lost, NULL, "`");
  add_row (out, "lost of the answer", answer, NULL, "`");
  add_row (out, "refused", refused, NULL, "");
}

static void
add_legend (const Golden *self, GString *out)
{
  static const char *const kinds[] = { "lost", "answer" };
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  const char *last = "";

  for (unsigned kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    for (unsigned client = 0; client < WEIR_DIALECT_LAST; client++)
      g_ptr_array_extend_and_steal (
          words, list_noted (self, kinds[kind], (WeirDialect)client, WEIR_DIALECT_LAST));
  g_ptr_array_sort (words, compare_texts);
  g_string_append (out, "\n### The words\n\n| word | meaning |\n|---|---|\n");
  for (guint i = 0; i < words->len; i++)
    {
      const char *word = g_ptr_array_index (words, i);
      const char *sentence = weir_loss_lookup_sentence (word);

      if (strcmp (word, last) != 0)
        g_string_append_printf (out, "| `%s` | %s |\n", word,
                                sentence != NULL ? sentence : "?");
      last = word;
    }
}

char *
golden_print_table (const Golden *self)
{
  GString *out = g_string_new (NULL);

  for (unsigned client = 0; client < WEIR_DIALECT_LAST; client++)
    for (unsigned upstream = 0; upstream < WEIR_DIALECT_LAST; upstream++)
      if (client != upstream)
        add_pair (self, (WeirDialect)client, (WeirDialect)upstream, out);
  add_legend (self, out);
  return g_string_free (out, FALSE);
}

void
golden_check_readme (Golden *self, const char *path)
{
  g_autofree char *table = golden_print_table (self);
  g_autofree char *text = NULL;
  g_autofree char *fresh = NULL;
  g_autoptr (GError) error = NULL;
  const char *mark;

  if (!g_file_get_contents (path, &text, NULL, &error))
    g_error ("%s", error->message);
  mark = strstr (text, README_MARK);
  if (mark == NULL)
    g_error ("%s has no line %s", path, README_MARK);
  mark += strlen (README_MARK);
  if (strcmp (mark, table) != 0 && self->update)
    {
      fresh = g_strdup_printf ("%.*s%s", (int)(mark - text), text, table);
      if (!g_file_set_contents (path, fresh, -1, &error))
        g_error ("%s", error->message);
    }
  else if (strcmp (mark, table) != 0)
    {
      golden_point (self, "the README tells what is lost",
                    "it is old: ninja golden-update");
      return;
    }
  golden_point (self, "the README tells what is lost", NULL);
}
