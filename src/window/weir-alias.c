/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A change by lines: only block style is understood, which is what people write; everything
 * else is left to them. */

#include "config.h"

#include "window/weir-alias.h"

#include <string.h>

#define KEY "oauth-model-alias"

/* A line of the text, by what it may be. */
typedef struct
{
  const char *start;
  const char *content; /* behind the blanks */
  const char *next;    /* start of the line behind it, or the text's end */
  int indent;          /* -1: blank, or a comment */
} Line;

/* FALSE: there is no more. */
static gboolean
read_line (const char *at, Line *out)
{
  const char *end = strchrnul (at, '\n');

  if (*at == '\0')
    return FALSE;
  out->start = at;
  out->content = at + strspn (at, " ");
  out->next = *end != '\0' ? end + 1 : end;
  out->indent = (int)(out->content - at);
  if (*out->content == '\0' || strchr ("#\r\n", *out->content) != NULL)
    out->indent = -1;
  return TRUE;
}

/* Whether it is `name:` and nothing, or a comment, behind that; with or without quotes. */
static gboolean
is_key (const Line *line, const char *name, gboolean *out_is_open)
{
  const char *at = line->content;
  char mark = *at == '"' || *at == '\'' ? *at : '\0';
  size_t length = strlen (name);

  at += mark != '\0';
  if (strncmp (at, name, length) != 0)
    return FALSE;
  at += length;
  if (mark != '\0' && *at++ != mark)
    return FALSE;
  if (*at++ != ':')
    return FALSE;
  at += strspn (at, " \r");
  *out_is_open = *at == '\0' || *at == '\n' || *at == '#';
  return TRUE;
}

/* The first line that is deeper than @indent and says something; FALSE: the next that says
 * something is not. */
static gboolean
find_child (const char *at, int indent, Line *out)
{
  for (; read_line (at, out); at = out->next)
    if (out->indent >= 0)
      return out->indent > indent;
  return FALSE;
}

static char *
insert_at (const char *text, const char *at, const char *lines)
{
  gboolean is_open = at > text && at[-1] != '\n';

  return g_strdup_printf ("%.*s%s%s%s", (int)(at - text), text, is_open ? "\n" : "", lines,
                          at);
}

static char *
dup_item (const char *model, const char *alias)
{
  return g_strdup_printf ("- {name: \"%s\", alias: \"%s\", fork: true}\n", model, alias);
}

/* Into the list of the channel in @channel_line. */
static char *
insert_item (const char *text, const Line *channel_line, const char *item)
{
  g_autofree char *line = NULL;
  Line first = { 0 };
  int indent = channel_line->indent + 2;

  /* items may stand under their key without being deeper */
  if (find_child (channel_line->next, channel_line->indent - 1, &first)
      && *first.content == '-')
    indent = first.indent;
  else if (first.indent > channel_line->indent)
    return NULL;
  line = g_strdup_printf ("%*s%s", indent, "", item);
  return insert_at (text, channel_line->next, line);
}

/* Behind the key's own line, in which nothing else stands. */
static char *
insert_in_key (const char *text, const Line *key, const char *channel, const char *item)
{
  g_autofree char *lines = NULL;
  Line line;
  int indent = 2;

  if (find_child (key->next, 0, &line))
    {
      indent = line.indent;
      for (const char *at = key->next; read_line (at, &line); at = line.next)
        {
          gboolean is_open;

          if (line.indent >= 0 && line.indent < indent)
            break;
          if (line.indent == indent && is_key (&line, channel, &is_open))
            return is_open ? insert_item (text, &line, item) : NULL;
        }
    }
  lines = g_strdup_printf ("%*s%s:\n%*s%s", indent, "", channel, indent + 2, "", item);
  return insert_at (text, key->next, lines);
}

char *
weir_alias_insert (const char *text,
                   const char *channel,
                   const char *model,
                   const char *alias)
{
  g_autofree char *item = dup_item (model, alias);
  g_autofree char *lines = NULL;
  Line line;

  g_return_val_if_fail (weir_alias_is_name (model) && weir_alias_is_name (alias), NULL);

  for (const char *at = text; read_line (at, &line); at = line.next)
    {
      gboolean is_open;

      if (g_str_has_prefix (line.start, "...") || *line.content == '{')
        return NULL;
      if (line.indent == 0 && is_key (&line, KEY, &is_open))
        return is_open ? insert_in_key (text, &line, channel, item) : NULL;
    }
  lines = g_strdup_printf (KEY ":\n  %s:\n    %s", channel, item);
  return insert_at (text, text + strlen (text), lines);
}

gboolean
weir_alias_is_name (const char *alias)
{
  for (const char *each = alias; *each != '\0'; each = g_utf8_next_char (each))
    {
      gunichar letter = g_utf8_get_char (each);

      if (!g_unichar_isgraph (letter) || strchr ("\"'\\", (int)*each) != NULL)
        return FALSE;
    }
  return *alias != '\0';
}
