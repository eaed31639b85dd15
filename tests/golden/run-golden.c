/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The runner: finds the cases, compares what became of them with what was expected, and
 * speaks TAP. */

#include "config.h"

#include "golden.h"

#include <glib/gstdio.h>

static void
free_section (gpointer data)
{
  GoldenSection *section = data;

  g_free (section->name);
  g_free (section->text);
  g_free (section);
}

GPtrArray *
golden_sections_new (void)
{
  return g_ptr_array_new_with_free_func (free_section);
}

void
golden_sections_take (GPtrArray *sections, const char *name, char *text)
{
  GoldenSection *section = g_new0 (GoldenSection, 1);

  section->name = g_strdup (name);
  section->text = text;
  g_ptr_array_add (sections, section);
}

static const GoldenSection *
lookup_section (const GPtrArray *sections, const char *name)
{
  for (guint i = 0; i < sections->len; i++)
    {
      const GoldenSection *section = g_ptr_array_index (sections, i);

      if (strcmp (section->name, name) == 0)
        return section;
    }
  return NULL;
}

static GPtrArray *
split_sections (const char *text)
{
  GPtrArray *sections = golden_sections_new ();
  g_autoptr (GString) body = g_string_new (NULL);
  g_autofree char *name = NULL;

  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      if (!g_str_has_prefix (lines[i], "== "))
        {
          if (lines[i + 1] != NULL)
            g_string_append_printf (body, "%s\n", lines[i]);
          continue;
        }
      if (name != NULL)
        golden_sections_take (sections, name, g_strdup (body->str));
      g_free (name);
      name = g_strdup (lines[i] + 3);
      g_string_truncate (body, 0);
    }
  if (name != NULL)
    golden_sections_take (sections, name, g_strdup (body->str));
  return sections;
}

void
golden_point (Golden *self, const char *name, const char *why)
{
  g_auto (GStrv) lines = why != NULL ? g_strsplit (why, "\n", -1) : NULL;

  self->n_points++;
  self->n_failed += why != NULL;
  g_print ("%s %u - %s\n", why != NULL ? "not ok" : "ok", self->n_points, name);
  for (unsigned i = 0; lines != NULL && lines[i] != NULL; i++)
    g_print ("#   %s\n", lines[i]);
}

static void
skip_point (Golden *self, const char *name)
{
  self->n_points++;
  g_print ("ok %u - %s # SKIP the pair cannot be had\n", self->n_points, name);
}

/* A section that is known to be wrong says so in its first line, and why.  The mark holds
 * as long as what follows is what comes out. */
#define OPEN_MARK "open: "

static gboolean
is_open (const GoldenSection *section)
{
  return section != NULL && g_str_has_prefix (section->text, OPEN_MARK);
}

static const char *
get_body (const GoldenSection *section)
{
  return is_open (section) ? strchr (section->text, '\n') + 1 : section->text;
}

static void
open_point (Golden *self, const char *name, const char *text)
{
  g_autofree char *reason = g_strndup (text, strcspn (text, "\n"));

  self->n_points++;
  g_print ("not ok %u - %s # TO"
           "DO %s\n",
           self->n_points, name, reason + strlen (OPEN_MARK));
}

static char *
print_sections (const GPtrArray *sections, const GPtrArray *old)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < sections->len; i++)
    {
      const GoldenSection *section = g_ptr_array_index (sections, i);
      const GoldenSection *before = lookup_section (old, section->name);

      if (section->text == NULL)
        continue;
      g_string_append_printf (out, "== %s\n", section->name);
      if (is_open (before) && strcmp (get_body (before), section->text) == 0)
        g_string_append_len (out, before->text, get_body (before) - before->text);
      g_string_append (out, section->text);
    }
  return g_string_free (out, FALSE);
}

static void
write_text (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (path);

  g_mkdir_with_parents (folder, 0755);
  if (!g_file_set_contents (path, text, -1, &error))
    g_error ("%s", error->message);
}

GBytes *
golden_read (const Golden *self, const char *path)
{
  g_autofree char *full = g_build_filename (self->folder, path, NULL);
  char *text;
  gsize length;

  if (!g_file_get_contents (full, &text, &length, NULL))
    return NULL;
  return g_bytes_new_take (text, length);
}

void
golden_compare (Golden *self, const char *path, const GPtrArray *sections)
{
  g_autofree char *file = g_strconcat (path, ".expected", NULL);
  g_autofree char *full = g_build_filename (self->folder, file, NULL);
  g_autofree char *fresh = g_strconcat (self->build_folder, "/", file, ".new", NULL);
  g_autofree char *old_text = NULL;
  g_autofree char *new_text = NULL;
  g_autoptr (GPtrArray) old = NULL;

  if (!g_file_get_contents (full, &old_text, NULL, NULL))
    old_text = g_strdup ("");
  old = split_sections (old_text);
  new_text = print_sections (sections, old);
  if (self->update && strcmp (new_text, old_text) != 0)
    {
      write_text (full, new_text);
      g_ptr_array_unref (old);
      old = split_sections (new_text);
    }
  else if (strcmp (new_text, old_text) != 0)
    {
      write_text (fresh, new_text);
      g_print ("# diff -u %s %s\n", full, fresh);
    }
  for (guint i = 0; i < sections->len; i++)
    {
      const GoldenSection *section = g_ptr_array_index (sections, i);
      const GoldenSection *before = lookup_section (old, section->name);
      g_autofree char *name = g_strdup_printf ("%s: %s", path, section->name);

      if (section->text == NULL)
        skip_point (self, name);
      else if (before == NULL || strcmp (get_body (before), section->text) != 0)
        golden_point (self, name, "it became something else");
      else if (is_open (before))
        open_point (self, name, before->text);
      else
        golden_point (self, name, NULL);
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* The names of FOLDER/@kind/@dialect without what follows their last dot, each once. */
static GPtrArray *
list_cases (const Golden *self, const char *kind, const char *dialect)
{
  g_autofree char *path = g_build_filename (self->folder, kind, dialect, NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  g_autoptr (GHashTable) names
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer key;
  const char *entry;

  while (folder != NULL && (entry = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (entry, ".json") || g_str_has_suffix (entry, ".sse"))
      g_hash_table_add (names, g_strndup (entry, (gsize)(strrchr (entry, '.') - entry)));
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      g_autofree char *full = g_strdup_printf ("%s/%s/%s", kind, dialect, (char *)key);

      if (self->only == NULL || strstr (full, self->only) != NULL)
        g_ptr_array_add (list, g_strdup (key));
    }
  g_ptr_array_sort (list, compare_names);
  return list;
}

static void
check_dialect (Golden *self, WeirDialect dialect)
{
  const char *name = weir_protocol_get (dialect)->name;
  g_autoptr (GPtrArray) requests = list_cases (self, "requests", name);
  g_autoptr (GPtrArray) answers = list_cases (self, "answers", name);

  for (guint i = 0; i < requests->len; i++)
    golden_check_request (self, dialect, g_ptr_array_index (requests, i));
  for (guint i = 0; i < answers->len; i++)
    golden_check_answer (self, dialect, g_ptr_array_index (answers, i));
}

static void
print_nothing (const char *text)
{
}

int
main (int argc, char **argv)
{
  gboolean table = FALSE;
  Golden self = { 0 };
  g_autofree char *only = NULL;
  g_autofree char *readme = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &self.folder, "tests/golden", "DIR" },
    { "build", 0, 0, G_OPTION_ARG_FILENAME, &self.build_folder, "for .expected.new",
      "DIR" },
    { "update", 0, 0, G_OPTION_ARG_NONE, &self.update, "write expectations anew", NULL },
    { "readme", 0, 0, G_OPTION_ARG_FILENAME, &readme, "that ends with the table", "FILE" },
    { "table", 0, 0, G_OPTION_ARG_NONE, &table, "print what is lost", NULL },
    { "only", 0, 0, G_OPTION_ARG_STRING, &only, "cases with TEXT in their path", "TEXT" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || self.folder == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "--folder is missing");
      return 2;
    }
  if (self.build_folder == NULL)
    self.build_folder = g_strdup (g_get_tmp_dir ());
  self.only = only;
  self.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (table)
    g_set_print_handler (print_nothing);
  for (unsigned i = 0; i < WEIR_DIALECT_LAST; i++)
    check_dialect (&self, (WeirDialect)i);
  if (readme != NULL && only == NULL)
    golden_check_readme (&self, readme);
  g_print ("1..%u\n", self.n_points);
  g_set_print_handler (NULL);
  if (table)
    {
      g_autofree char *text = golden_print_table (&self);

      g_print ("%s", text);
    }
  g_hash_table_unref (self.seen);
  g_free (self.folder);
  g_free (self.build_folder);
  return self.n_failed == 0 || table ? 0 : 1;
}
