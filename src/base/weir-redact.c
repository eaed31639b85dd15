/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Text from outside made fit to be shown.  One pass, no expressions: what looks like the
 * name of a secret with a separator behind it takes its value along, and a few prefixes
 * give a key away by themselves.  Where the end of a secret is uncertain, more is taken
 * rather than less. */

#include "config.h"

#include "base/weir-redact.h"

#define REDACTED "[redacted]"
#define ELLIPSIS "…"
#define NAME_LETTERS 64 /* the last letters of a name decide */
#define KEY_MIN 10      /* bytes of a word that its prefix makes a key */

typedef struct
{
  const char *end; /* of the text */
  GString *out;
  size_t enough; /* when @out has more bytes than this, nothing needs to be added */
} Redactor;

/* The name of a secret, found in front of its value. */
typedef struct
{
  const char *value; /* behind separator and blanks */
  gboolean in_line;  /* the separator was `=`: the value has no blanks */
  gboolean is_apart; /* so much space before the value that it may be a label itself */
} Label;

/* Compared with the letters and digits of a name, in lower case. */
static const char *const secret_parts[] = {
  "apikey",     "secret",   "password", "passwd",     "passphrase", "authorization",
  "credential", "verifier", "cookie",   "privatekey", "accesskey",  "bearer",
};

static const char *const key_prefixes[] = {
  "sk-",  "sk_",   "pk-",         "rk-",    "AIza",   "ya29.", "ghp_", "gho_", "ghu_",
  "ghs_", "ghr_",  "github_pat_", "xai-",   "gsk_",   "hf_",   "r8_",  "eyJ",  "AKIA",
  "ASIA", "xoxb-", "xoxp-",       "glpat-", "nvapi-", "pplx-", "csk-", "tgp_", "fw_",
};

static inline char
peek (const Redactor *self, const char *p)
{
  return p < self->end ? *p : '\0';
}

static inline gboolean
is_name_byte (char byte)
{
  return g_ascii_isalnum (byte) || byte == '_' || byte == '-';
}

static inline gboolean
is_blank (char byte)
{
  return byte == ' ' || byte == '\t';
}

static inline gboolean
is_key_byte (char byte)
{
  return is_name_byte (byte) || (byte != '\0' && strchr ("._~+/=", byte) != NULL);
}

/* Where a value behind `=` or `Bearer` ends. */
static inline gboolean
ends_word (char byte)
{
  return (byte >= 0 && byte <= ' ') || strchr ("&\"<>", byte) != NULL;
}

static const char *
skip_blanks (const Redactor *self, const char *p)
{
  while (is_blank (peek (self, p)))
    p++;
  return p;
}

static const char *
skip_space (const Redactor *self, const char *p)
{
  while (p < self->end && g_ascii_isspace (*p))
    p++;
  return p;
}

static const char *
skip_backslashes (const Redactor *self, const char *p)
{
  while (peek (self, p) == '\\')
    p++;
  return p;
}

static inline gboolean
has_prefix (const Redactor *self, const char *p, const char *prefix)
{
  const size_t length = strlen (prefix);

  return (size_t)(self->end - p) >= length && g_ascii_strncasecmp (p, prefix, length) == 0;
}

/* `%22` counts as a quote, as do quotes inside strings inside strings. */
static const char *
skip_quote (const Redactor *self, const char *p)
{
  const char *quote = skip_backslashes (self, p);

  if (peek (self, quote) == '"' || peek (self, quote) == '\'')
    return quote + 1;
  return has_prefix (self, p, "%22") ? p + 3 : p;
}

/* A separator at @p, percent-encoded or not; NULL for none. */
static const char *
skip_separator (const Redactor *self, const char *p, gboolean *out_in_line)
{
  *out_in_line = peek (self, p) == '=' || has_prefix (self, p, "%3D");
  if (peek (self, p) == '=')
    return peek (self, p + 1) == '>' ? p + 2 : p + 1;
  if (peek (self, p) == ':')
    return peek (self, p + 1) == '=' ? p + 2 : p + 1;
  return *out_in_line || has_prefix (self, p, "%3A") ? p + 3 : NULL;
}

static gboolean
is_secret_name (WeirSlice name, gboolean in_line)
{
  char letters[NAME_LETTERS + 1];
  size_t first = NAME_LETTERS;

  letters[NAME_LETTERS] = '\0';
  for (size_t i = name.length; i > 0 && first > 0; i--)
    if (g_ascii_isalnum (name.text[i - 1]))
      letters[--first] = g_ascii_tolower (name.text[i - 1]);

  for (unsigned i = 0; i < G_N_ELEMENTS (secret_parts); i++)
    if (strstr (letters + first, secret_parts[i]) != NULL)
      return TRUE;
  if (g_str_has_suffix (letters + first, "token"))
    return TRUE;
  /* in a query these are an OAuth answer; elsewhere they name errors and conditions */
  return in_line
         && (g_str_equal (letters + first, "code") || g_str_equal (letters + first, "state")
             || g_str_equal (letters + first, "key")
             || weir_slice_has_suffix (name, WEIR_SLICE ("_key"))
             || weir_slice_has_suffix (name, WEIR_SLICE ("-key")));
}

/* The name of a secret at @p with its separator. */
static gboolean
read_label (const Redactor *self, const char *p, Label *out_label)
{
  const char *name_end = p;
  const char *value;

  while (is_name_byte (peek (self, name_end)))
    name_end++;
  value = skip_blanks (self, skip_quote (self, name_end));
  value = skip_separator (self, value, &out_label->in_line);
  if (name_end == p || value == NULL
      || !is_secret_name ((WeirSlice){ p, (size_t)(name_end - p) }, out_label->in_line))
    return FALSE;
  out_label->value
      = out_label->in_line ? skip_blanks (self, value) : skip_space (self, value);
  out_label->is_apart
      = out_label->value > (out_label->in_line ? value : skip_blanks (self, value));
  return TRUE;
}

/* Adds the character at @p and returns the byte behind it. */
static const char *
add_character (Redactor *self, const char *p)
{
  const gunichar character = g_utf8_get_char_validated (p, self->end - p);
  const char *name = strchr ("\nn\rr\tt", *p);

  if ((*p & 0x80) == 0)
    {
      if (!g_ascii_iscntrl (*p))
        g_string_append_c (self->out, *p);
      else if (*p != '\0' && name != NULL)
        g_string_append_printf (self->out, "\\%c", name[1]);
      else
        g_string_append_printf (self->out, "\\x%02x", (unsigned)*p);
      return p + 1;
    }
  if (character == (gunichar)-1 || character == (gunichar)-2)
    {
      g_string_append_unichar (self->out, 0xfffd);
      return p + 1;
    }
  /* C1 controls, line separators and what turns the direction of writing */
  if (g_unichar_iscntrl (character) || g_unichar_type (character) == G_UNICODE_FORMAT
      || character == 0x2028 || character == 0x2029)
    g_string_append_printf (self->out, "\\u{%x}", character);
  else
    g_string_append_unichar (self->out, character);
  return g_utf8_next_char (p);
}

static const char *
add_text (Redactor *self, const char *p, const char *end)
{
  while (p < end && self->out->len <= self->enough)
    p = add_character (self, p);
  return end;
}

/* The closing quote of the string that starts at @p, its backslashes included, or the end
 * of the text.  @n_backslashes stood before the opening quote: one more level of strings in
 * strings doubles them and adds one. */
static const char *
find_closing_quote (const Redactor *self, const char *p, char quote, size_t n_backslashes)
{
  while (p < self->end)
    {
      const char *behind = skip_backslashes (self, p);
      const size_t count = (size_t)(behind - p);

      if (behind == self->end)
        break;
      if (*behind == quote && count == 0 && quote == '\''
          && peek (self, behind + 1) == quote)
        behind++; /* YAML's quote in a quoted string */
      else if (*behind == quote && count % (2 * (n_backslashes + 1)) == n_backslashes)
        return behind - n_backslashes;
      p = behind + 1;
    }
  return self->end;
}

/* Behind the bracket that closes the one at @p. */
static const char *
find_closing_bracket (const Redactor *self, const char *p)
{
  size_t depth = 0;

  for (; p < self->end; p++)
    if (*p == '[' || *p == '{')
      depth++;
    else if ((*p == ']' || *p == '}') && --depth == 0)
      return p + 1;
  return p;
}

static const char *
find_line_end (const Redactor *self, const char *p)
{
  while (p < self->end && *p != '\n' && *p != '\r')
    p++;
  return p;
}

/* Does the word from @p to @end announce a credential behind it? */
static gboolean
ends_in_scheme (const char *p, const char *end)
{
  return (end - p >= 6 && g_ascii_strncasecmp (end - 6, "bearer", 6) == 0)
         || (end - p >= 5 && g_ascii_strncasecmp (end - 5, "basic", 5) == 0);
}

/* The end of a word that is a secret.  It has no blanks, but where its end looks like the
 * name of another secret, what that one names belongs to it. */
static const char *
find_word_end (const Redactor *self, const char *p)
{
  const char *end = p;

  do
    {
      p = skip_blanks (self, end);
      for (end = p; end < self->end && !ends_word (*end);)
        end++;
    }
  while (ends_in_scheme (p, end) && is_blank (peek (self, end)));
  if (end > p && end[-1] == ':' && is_blank (peek (self, end)))
    return find_line_end (self, end);
  return end;
}

/* The end of a value that goes on to the end of its line, and for YAML's lists and blocks
 * over the lines below it. */
static const char *
find_block_end (const Redactor *self, const char *p)
{
  const char *line_end = find_line_end (self, p);
  const gboolean is_block
      = line_end > p
        && (strchr ("-|>&!", *p) != NULL || strchr (":|>", line_end[-1]) != NULL);

  while (is_block && line_end < self->end)
    {
      const char *line = line_end;

      while (peek (self, line) == '\n' || peek (self, line) == '\r')
        line++;
      if (!is_blank (peek (self, line)) && peek (self, line) != '-')
        break;
      line_end = find_line_end (self, line);
    }
  return line_end;
}

/* Behind a word that its prefix gives away as a key, or NULL. */
static const char *
find_key_end (const Redactor *self, const char *p)
{
  const char *end = p;

  for (unsigned i = 0; i < G_N_ELEMENTS (key_prefixes); i++)
    {
      const size_t length = strlen (key_prefixes[i]);

      if ((size_t)(self->end - p) < length || memcmp (p, key_prefixes[i], length) != 0)
        continue;
      while (is_key_byte (peek (self, end)))
        end++;
      return end - p >= KEY_MIN ? end : NULL;
    }
  return NULL;
}

/* Behind `Bearer` or `Basic` and its blanks; NULL where @p is no such word. */
static const char *
skip_scheme (const Redactor *self, const char *p)
{
  const char *scheme_end, *behind;

  if (has_prefix (self, p, "bearer"))
    scheme_end = p + 6;
  else if (has_prefix (self, p, "basic"))
    scheme_end = p + 5;
  else
    return NULL;
  behind = skip_blanks (self, scheme_end);
  if (has_prefix (self, behind, "%20"))
    behind += 3;
  return behind > scheme_end ? behind : NULL;
}

/* The credential behind `Bearer` or `Basic`; NULL where @p is no such word, or where it is
 * the next word that tells what is secret. */
static const char *
find_credential (const Redactor *self, const char *p)
{
  const char *credential = skip_scheme (self, p);
  Label label;

  if (credential == NULL || !is_key_byte (peek (self, credential))
      || skip_scheme (self, credential) != NULL || read_label (self, credential, &label))
    return NULL;
  return credential;
}

/* Replaces the quoted string at @p, whose quote is at @quote.  Returns the byte behind. */
static const char *
redact_quoted (Redactor *self, const char *p, const char *quote)
{
  const char *end = find_closing_quote (self, quote + 1, *quote, (size_t)(quote - p));

  add_text (self, p, quote + 1);
  g_string_append (self->out, REDACTED);
  return add_text (self, end, skip_quote (self, end));
}

/* Replaces the value of @label and what hangs on it.  Returns the byte behind. */
static const char *
redact_value (Redactor *self, Label label)
{
  const char *p = label.value;
  const char *quote = skip_backslashes (self, p);
  const char *end;
  Label inner;

  while (peek (self, quote) == '"' || peek (self, quote) == '\'')
    {
      p = redact_quoted (self, p, quote);
      end = skip_separator (self, skip_blanks (self, p), &label.in_line);
      if (end == NULL)
        return p;
      /* it was a name after all: what it names goes too */
      label.is_apart = FALSE;
      p = add_text (self, p, skip_space (self, end));
      quote = skip_backslashes (self, p);
    }

  if (label.is_apart && read_label (self, p, &inner))
    return p;
  end = find_credential (self, p);
  if (peek (self, p) == '[' || peek (self, p) == '{')
    end = find_closing_bracket (self, p);
  else if (label.in_line)
    end = find_word_end (self, end != NULL ? end : skip_quote (self, p));
  else
    end = find_block_end (self, p);
  g_string_append (self->out, REDACTED);
  return end;
}

/* Behind the user information of an authority that starts at @p, or NULL for none.
 * @is_encoded: the whole URL is percent-encoded, its slashes too. */
static const char *
find_user_end (const Redactor *self, const char *p, gboolean is_encoded)
{
  const char *user_end = NULL;

  for (; p < self->end && !g_ascii_isspace (*p) && strchr ("/?#\"<>", *p) == NULL; p++)
    if (*p == '@' || has_prefix (self, p, "%40"))
      user_end = p;
    else if (is_encoded && has_prefix (self, p, "%2F"))
      break;
  return user_end;
}

/* Redacts the user information behind the `://` at @p; @p itself where there is no URL. */
static const char *
read_authority (Redactor *self, const char *p)
{
  const gboolean is_encoded = has_prefix (self, p, "%3A%2F%2F");
  const char *user_end;

  if (!is_encoded && !has_prefix (self, p, "://"))
    return p;
  p = add_text (self, p, p + (is_encoded ? 9 : 3));
  user_end = find_user_end (self, p, is_encoded);
  if (user_end == NULL)
    return p;
  g_string_append (self->out, REDACTED);
  return user_end;
}

/* Reads a name or word from @p.  @is_name: no byte of a name stands before it. */
static const char *
read_word (Redactor *self, const char *p, gboolean is_name)
{
  const char *end = find_key_end (self, p);
  Label label;

  if (is_name && read_label (self, p, &label))
    {
      add_text (self, p, label.value);
      return redact_value (self, label);
    }
  if (end != NULL)
    {
      g_string_append (self->out, REDACTED);
      return end;
    }
  end = find_credential (self, p);
  if (end != NULL)
    {
      add_text (self, p, end);
      g_string_append (self->out, REDACTED);
      return find_word_end (self, end);
    }
  for (end = p; g_ascii_isalnum (peek (self, end));)
    end++;
  return add_text (self, p, end);
}

/* Behind an escape at @p: `%2F`, `\n`, `\u002f`; its letters are no part of a word behind
 * it.  NULL for none. */
static const char *
find_escape_end (const Redactor *self, const char *p)
{
  size_t length = 0;

  if (*p == '%' && g_ascii_isxdigit (peek (self, p + 1))
      && g_ascii_isxdigit (peek (self, p + 2)))
    length = 3;
  else if (*p == '\\' && peek (self, p + 1) == 'u')
    length = 6;
  else if (*p == '\\' && peek (self, p + 1) != '\0'
           && strchr ("bfnrt", peek (self, p + 1)) != NULL)
    length = 2;
  return length != 0 && (size_t)(self->end - p) >= length ? p + length : NULL;
}

static void
redact (Redactor *self, const char *p)
{
  gboolean is_name = TRUE; /* a name can start at @p */

  while (p < self->end && self->out->len <= self->enough)
    {
      const char *behind = read_authority (self, p);
      const char *escape_end = find_escape_end (self, p);

      if (behind > p)
        is_name = TRUE;
      else if (escape_end != NULL)
        {
          behind = add_text (self, p, escape_end);
          is_name = TRUE;
        }
      else
        {
          behind = g_ascii_isalnum (*p) ? read_word (self, p, is_name)
                                        : add_character (self, p);
          is_name = !is_name_byte (behind[-1]);
        }
      p = behind;
    }
}

char *
weir_redact (WeirSlice text, size_t max_bytes)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Redactor self = { text.text + text.length, out, max_bytes };

  redact (&self, text.text);
  if (out->len > max_bytes)
    {
      size_t length = max_bytes > strlen (ELLIPSIS) ? max_bytes - strlen (ELLIPSIS) : 0;

      while (length > 0 && (out->str[length] & 0xc0) == 0x80)
        length--;
      g_string_truncate (out, length);
      if (max_bytes >= strlen (ELLIPSIS))
        g_string_append (out, ELLIPSIS);
    }
  return g_strdup (out->str);
}
