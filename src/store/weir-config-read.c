/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tree becomes a snapshot, driven by the table: one function a type of value.  What an
 * entry of a provider list needs is in weir-config-read-entry.c and
 * weir-config-read-list.c, rules between keys are in weir-config-check.c. */

#include "config.h"

#include "store/weir-config-read.h"

#include "base/weir-redact.h"
#include "store/weir-config-private.h"
#include "store/weir-config-url.h"

#define MAX_SUGGESTIONS 20
#define SHOWN_BYTES 64

/* `found "8317x"`, cut and without credentials; whole numbers stand without quotes. */
static char *
dup_found (const WeirConfigNode *node)
{
  WeirSlice text = weir_config_node_get_text (node);
  g_autofree char *shown = weir_redact (text, SHOWN_BYTES);
  gboolean is_number = text.length > 0;

  for (size_t i = 0; i < text.length; i++)
    is_number
        = is_number && (g_ascii_isdigit (text.text[i]) || (i == 0 && text.text[0] == '-'));
  return is_number ? g_strdup (shown) : g_strdup_printf ("\"%s\"", shown);
}

static gboolean
check_scalar (WeirConfigReader *self, const WeirConfigKey *key, const WeirConfigNode *value)
{
  WeirSlice text = { NULL, 0 };

  if (value->kind != WEIR_CONFIG_NODE_SCALAR)
    return weir_config_refuse (self->notices, value->start,
                               "%s must be a single value, not a %s", key->path,
                               value->kind == WEIR_CONFIG_NODE_LIST ? "list" : "map");
  text = weir_config_node_get_text (value);
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.text[i] < 0x20 || text.text[i] == 0x7f)
      return weir_config_refuse (self->notices, value->start,
                                 "%s holds a control character", key->path);
  return TRUE;
}

gboolean
weir_config_reader_check_kind (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               WeirConfigNodeKind kind)
{
  if (value->kind == kind)
    return TRUE;
  return weir_config_refuse (self->notices, value->start, "%s must be a %s", key->path,
                             kind == WEIR_CONFIG_NODE_LIST
                                 ? "list (lines that begin with -)"
                                 : "map (lines of key: value)");
}

static void
read_bool (WeirConfigReader *self,
           const WeirConfigKey *key,
           const WeirConfigNode *value,
           void *field)
{
  static const char *const yes[] = { "true", "yes", "on", "y", NULL };
  static const char *const no[] = { "false", "no", "off", "n", NULL };
  g_autofree char *word = NULL;
  g_autofree char *found = NULL;

  if (!check_scalar (self, key, value))
    return;
  word = g_ascii_strdown (value->text, -1);
  if (g_strv_contains (yes, word) || g_strv_contains (no, word))
    {
      *(gboolean *)field = g_strv_contains (yes, word);
      return;
    }
  found = dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s must be true or false (found %s)", key->path, found);
}

/* FALSE: said in the notices. */
static gboolean
read_number (WeirConfigReader *self,
             const WeirConfigKey *key,
             const WeirConfigNode *value,
             int64_t *out_number)
{
  g_autofree char *found = NULL;
  g_autofree char *text = NULL;
  gint64 number = 0;
  g_autoptr (GError) error = NULL;
  gboolean from_zero = key->minimum == 0 && key->type != WEIR_CONFIG_TYPE_PORT;
  /* 0 is a port's "any free one", which is no answer to a wrong number */
  int64_t shown_minimum = key->type == WEIR_CONFIG_TYPE_PORT ? 1 : key->minimum;

  if (!check_scalar (self, key, value))
    return FALSE;
  found = dup_found (value);
  text = weir_slice_dup (weir_config_node_get_text (value));
  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, &error))
    {
      if (number < 0 && from_zero)
        {
          weir_config_report (self->notices, FALSE, value->start,
                              "%s is below zero (found %s); taken as 0", key->path, found);
          number = 0;
        }
      *out_number = number;
      if (number >= key->minimum && number <= key->maximum)
        return TRUE;
    }
  else if (!g_error_matches (error, G_NUMBER_PARSER_ERROR,
                             G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS))
    return weir_config_refuse (
        self->notices, value->start, "%s must be a whole number%s (found %s)", key->path,
        key->type == WEIR_CONFIG_TYPE_SECONDS ? " of seconds, without "
                                                "a unit"
                                              : "",
        found);
  return weir_config_refuse (self->notices, value->start,
                             "%s must be between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
                             " (found %s)",
                             key->path, (gint64)shown_minimum, (gint64)key->maximum, found);
}

static void
read_port (WeirConfigReader *self,
           const WeirConfigKey *key,
           const WeirConfigNode *value,
           void *field)
{
  int64_t number = 0;

  if (read_number (self, key, value, &number))
    *(uint16_t *)field = (uint16_t)number;
}

static void
read_unsigned (WeirConfigReader *self,
               const WeirConfigKey *key,
               const WeirConfigNode *value,
               void *field)
{
  int64_t number = 0;

  if (read_number (self, key, value, &number))
    *(unsigned *)field = (unsigned)number;
}

static void
read_int (WeirConfigReader *self,
          const WeirConfigKey *key,
          const WeirConfigNode *value,
          void *field)
{
  int64_t number = 0;

  if (read_number (self, key, value, &number))
    *(int *)field = (int)number;
}

static void
take_string (void *field, char *text)
{
  g_free (*(char **)field);
  *(char **)field = text;
}

static void
read_string (WeirConfigReader *self,
             const WeirConfigKey *key,
             const WeirConfigNode *value,
             void *field)
{
  if (check_scalar (self, key, value))
    take_string (field, weir_slice_dup (weir_config_node_get_text (value)));
}

static void
read_host (WeirConfigReader *self,
           const WeirConfigKey *key,
           const WeirConfigNode *value,
           void *field)
{
  g_autofree char *host = NULL;
  g_autofree char *found = NULL;
  WeirSlice text = weir_config_node_get_text (value);

  if (!check_scalar (self, key, value))
    return;
  /* CLIProxyAPI puts host and port together as they are, so IPv6 has brackets there */
  if (text.length > 2 && text.text[0] == '[' && text.text[text.length - 1] == ']')
    text = (WeirSlice){ text.text + 1, text.length - 2 };
  host = weir_slice_dup (text);
  if (*host == '\0' || g_hostname_is_ip_address (host) || strcmp (host, "localhost") == 0)
    {
      take_string (field, g_steal_pointer (&host));
      return;
    }
  found = dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s must be an IP address, localhost or empty (found %s)", key->path,
                      found);
}

static void
read_base_url (WeirConfigReader *self,
               const WeirConfigKey *key,
               const WeirConfigNode *value,
               void *field)
{
  WeirSlice text = weir_config_node_get_text (value);

  if (!check_scalar (self, key, value))
    return;
  while (text.length > 0 && text.text[text.length - 1] == '/')
    text.length--;
  take_string (field, text.length > 0 ? weir_slice_dup (text) : NULL);
}

static void
read_proxy_url (WeirConfigReader *self,
                const WeirConfigKey *key,
                const WeirConfigNode *value,
                void *field)
{
  g_autofree char *url = weir_slice_dup (weir_config_node_get_text (value));
  const char *fault = NULL;

  if (!check_scalar (self, key, value))
    return;
  fault = weir_config_find_proxy_url_fault (url);
  if (fault != NULL)
    weir_config_report (self->notices, TRUE, value->start, "%s %s", key->path, fault);
  else if (g_ascii_strcasecmp (url, "none") == 0 || g_ascii_strcasecmp (url, "direct") == 0)
    take_string (field, g_strdup ("direct"));
  else if (g_ascii_strncasecmp (url, "socks5h://", 10) == 0)
    /* GIO's socks5 always lets the proxy look the name up, which is all the h says */
    take_string (field, g_strconcat ("socks5://", url + 10, NULL));
  else
    take_string (field, g_steal_pointer (&url));
}

static void
read_prefix (WeirConfigReader *self,
             const WeirConfigKey *key,
             const WeirConfigNode *value,
             void *field)
{
  WeirSlice text = weir_config_node_get_text (value);

  if (!check_scalar (self, key, value))
    return;
  while (text.length > 0 && (text.text[0] == '/' || text.text[0] == ' '))
    text = (WeirSlice){ text.text + 1, text.length - 1 };
  while (text.length > 0
         && (text.text[text.length - 1] == '/' || text.text[text.length - 1] == ' '))
    text.length--;
  if (text.length == 0)
    return;
  if (memchr (text.text, '/', text.length) == NULL)
    take_string (field, weir_slice_dup (text));
  else
    weir_config_report (self->notices, FALSE, value->start,
                        "prefix left out: it may not hold a slash inside");
}

static void
read_secret (WeirConfigReader *self,
             const WeirConfigKey *key,
             const WeirConfigNode *value,
             void *field)
{
  WeirSlice text = weir_config_node_get_text (value);
  WeirSecret *secret = NULL;

  if (!check_scalar (self, key, value) || text.length == 0)
    return;
  secret = weir_secret_new (text);
  if (secret == NULL)
    {
      weir_config_report (
          self->notices, TRUE, value->start,
          "%s must be one line of at most 64 KiB without control characters", key->path);
      return;
    }
  weir_secret_unref (*(WeirSecret **)field);
  *(WeirSecret **)field = secret;
}

/* Equal keys are found by digest: a file may hold thousands. */
void
weir_config_read_secrets (WeirConfigReader *self,
                          const WeirConfigKey *key,
                          const WeirConfigNode *value,
                          void *field)
{
  GPtrArray *secrets = *(GPtrArray **)field;
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);
      g_autoptr (WeirSecret) secret = NULL;
      char digest[17] = "";
      const WeirConfigNode *first = NULL;

      if (weir_config_node_is_null (item))
        weir_config_report (self->notices, FALSE, item->start,
                            "an empty item of %s is left out", key->path);
      else
        read_secret (self, key, item, &secret);
      if (secret == NULL)
        continue;
      weir_secret_get_digest (secret, digest);
      first = g_hash_table_lookup (seen, digest);
      if (first == NULL)
        {
          g_hash_table_insert (seen, g_strdup (digest), (gpointer)item);
          g_ptr_array_add (secrets, g_steal_pointer (&secret));
        }
      else
        weir_config_report (self->notices, FALSE, item->start,
                            "%s holds the same key twice (lines %u and %u)", key->path,
                            first->start.line, item->start.line);
    }
}

static void
read_section (WeirConfigReader *self,
              const WeirConfigKey *key,
              const WeirConfigNode *value,
              void *field)
{
  if (weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_MAP))
    weir_config_reader_read_map (self, value, key->inside, self->config);
}

/* Remembered for the one notice about all of them. */
static void
read_later (WeirConfigReader *self,
            const WeirConfigKey *key,
            const WeirConfigNode *value,
            void *field)
{
  g_autofree char *path = self->list == NULL
                              ? g_strdup (key->path)
                              : g_strdup_printf ("%s.%s", self->list, key->path);

  if (g_hash_table_contains (self->later_seen, path))
    return;
  if (self->later->len == 0)
    self->later_at = value->start;
  g_ptr_array_add (self->later, path);
  g_hash_table_add (self->later_seen, g_steal_pointer (&path));
}

static void
report_unknown (WeirConfigReader *self, const WeirConfigNode *name, unsigned place)
{
  g_autofree char *shown
      = weir_redact ((WeirSlice){ name->text, name->length }, SHOWN_BYTES);
  const WeirConfigKey *near = NULL;

  /* measuring distances is the one costly thing here */
  if (self->n_suggestions++ < MAX_SUGGESTIONS)
    near = weir_config_table_suggest (place, name->text);
  if (near != NULL)
    weir_config_report (self->notices, FALSE, name->start,
                        "unknown key \"%s\"; did you mean \"%s\"?", shown,
                        weir_config_key_get_name (near));
  else
    weir_config_report (self->notices, FALSE, name->start,
                        "unknown key \"%s\"; it has no effect", shown);
}

typedef void (*ReadValue) (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field);

static const ReadValue read_value[] = {
  [WEIR_CONFIG_TYPE_BOOL] = read_bool,
  [WEIR_CONFIG_TYPE_PORT] = read_port,
  [WEIR_CONFIG_TYPE_COUNT] = read_unsigned,
  [WEIR_CONFIG_TYPE_SECONDS] = read_unsigned,
  [WEIR_CONFIG_TYPE_NUMBER] = read_int,
  [WEIR_CONFIG_TYPE_STRING] = read_string,
  [WEIR_CONFIG_TYPE_HOST] = read_host,
  [WEIR_CONFIG_TYPE_BASE_URL] = read_base_url,
  [WEIR_CONFIG_TYPE_PROXY_URL] = read_proxy_url,
  [WEIR_CONFIG_TYPE_PREFIX] = read_prefix,
  [WEIR_CONFIG_TYPE_SECRET] = read_secret,
  [WEIR_CONFIG_TYPE_SECRETS] = weir_config_read_secrets,
  [WEIR_CONFIG_TYPE_GLOBS] = weir_config_read_globs,
  [WEIR_CONFIG_TYPE_HEADERS] = weir_config_read_headers,
  [WEIR_CONFIG_TYPE_MODELS] = weir_config_read_models,
  [WEIR_CONFIG_TYPE_CREDENTIALS] = weir_config_read_credentials,
  [WEIR_CONFIG_TYPE_CREDENTIAL_KEYS] = weir_config_read_credential_keys,
  [WEIR_CONFIG_TYPE_ENTRIES] = weir_config_read_entries,
  [WEIR_CONFIG_TYPE_SECTION] = read_section,
  [WEIR_CONFIG_TYPE_LATER] = read_later,
};
G_STATIC_ASSERT (G_N_ELEMENTS (read_value) == WEIR_CONFIG_TYPE_LAST);

void
weir_config_reader_read_map (WeirConfigReader *self,
                             const WeirConfigNode *map,
                             unsigned place,
                             void *base)
{
  for (unsigned i = 0; i + 1 < map->children->len; i += 2)
    {
      const WeirConfigNode *name = g_ptr_array_index (map->children, i);
      const WeirConfigNode *value = g_ptr_array_index (map->children, i + 1);
      const WeirConfigKey *key = weir_config_table_lookup (place, name->text);

      if (key == NULL)
        report_unknown (self, name, place);
      else if (key->type == WEIR_CONFIG_TYPE_LATER || !weir_config_node_is_null (value))
        read_value[key->type](self, key, value, (char *)base + key->offset);
    }
}

static void
report_later (WeirConfigReader *self)
{
  g_autofree char *names = NULL;

  if (self->later->len == 0)
    return;
  g_ptr_array_add (self->later, NULL);
  names = g_strjoinv (", ", (char **)self->later->pdata);
  weir_config_report (self->notices, FALSE, self->later_at,
                      "accepted, but without effect in this version: %s", names);
}

static void
read_initial (WeirConfigReader *self)
{
  size_t n_keys = 0;
  const WeirConfigKey *keys = weir_config_table_get (&n_keys);

  for (size_t i = 0; i < n_keys; i++)
    {
      const WeirConfigKey *key = &keys[i];
      WeirConfigNode value = { .kind = WEIR_CONFIG_NODE_SCALAR };
      gboolean is_empty = g_strcmp0 (key->initial, "\"\"") == 0;

      if (key->initial == NULL || key->type == WEIR_CONFIG_TYPE_SECRETS)
        continue;
      value.text = is_empty ? (char *)"" : (char *)key->initial;
      value.length = strlen (value.text);
      read_value[key->type](self, key, &value, (char *)self->config + key->offset);
    }
}

/* The file's proxy-url is for every credential without one of its own. */
static void
hand_down_proxy_url (WeirConfig *config)
{
  for (unsigned i = 0; *config->proxy_url != '\0' && i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);

      for (unsigned j = 0; j < entry->credentials->len; j++)
        {
          WeirConfigCredential *credential = g_ptr_array_index (entry->credentials, j);

          if (credential->proxy_url == NULL)
            credential->proxy_url = g_strdup (config->proxy_url);
        }
    }
}

void
weir_config_read (WeirConfig *config, const WeirConfigNode *root, GPtrArray *notices)
{
  g_autoptr (GPtrArray) later = g_ptr_array_new ();
  g_autoptr (GHashTable) later_seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  WeirConfigReader self = {
    .config = config,
    .notices = notices,
    .later = later,
    .later_seen = later_seen,
  };

  read_initial (&self);
  if (root == NULL || weir_config_node_is_null (root))
    return;
  if (root->kind != WEIR_CONFIG_NODE_MAP)
    {
      weir_config_report (notices, TRUE, root->start,
                          "the file must hold lines of key: value, such as port: %d",
                          WEIR_CONFIG_DEFAULT_PORT);
      return;
    }
  weir_config_reader_read_map (&self, root, WEIR_CONFIG_IN_FILE, config);
  hand_down_proxy_url (config);
  report_later (&self);
}
