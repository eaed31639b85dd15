/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reader's values that are texts: names, addresses, secrets. */

#include "config.h"

#include "store/weir-config-read.h"

#include "store/weir-config-private.h"
#include "store/weir-config-url.h"
#include "providers/weir-provider.h"

static void
take_string (void *field, char *text)
{
  g_free (*(char **)field);
  *(char **)field = text;
}

void
weir_config_read_string (WeirConfigReader *self,
                         const WeirConfigKey *key,
                         const WeirConfigNode *value,
                         void *field)
{
  if (weir_config_reader_check_scalar (self, key, value))
    take_string (field, weir_slice_dup (weir_config_node_get_text (value)));
}

void
weir_config_read_host (WeirConfigReader *self,
                       const WeirConfigKey *key,
                       const WeirConfigNode *value,
                       void *field)
{
  g_autofree char *host = NULL;
  g_autofree char *found = NULL;
  WeirSlice text = weir_config_node_get_text (value);

  if (!weir_config_reader_check_scalar (self, key, value))
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
  found = weir_config_dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s must be an IP address, localhost or empty (found %s)", key->path,
                      found);
}

void
weir_config_read_base_url (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field)
{
  WeirSlice text = weir_config_node_get_text (value);

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  while (text.length > 0 && text.text[text.length - 1] == '/')
    text.length--;
  take_string (field, text.length > 0 ? weir_slice_dup (text) : NULL);
}

void
weir_config_read_proxy_url (WeirConfigReader *self,
                            const WeirConfigKey *key,
                            const WeirConfigNode *value,
                            void *field)
{
  g_autofree char *url = weir_slice_dup (weir_config_node_get_text (value));
  const char *fault = NULL;

  if (!weir_config_reader_check_scalar (self, key, value))
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

void
weir_config_read_prefix (WeirConfigReader *self,
                         const WeirConfigKey *key,
                         const WeirConfigNode *value,
                         void *field)
{
  WeirSlice text = weir_config_node_get_text (value);

  if (!weir_config_reader_check_scalar (self, key, value))
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

void
weir_config_read_secret (WeirConfigReader *self,
                         const WeirConfigKey *key,
                         const WeirConfigNode *value,
                         void *field)
{
  WeirSlice text = weir_config_node_get_text (value);
  WeirSecret *secret = NULL;

  if (!weir_config_reader_check_scalar (self, key, value) || text.length == 0)
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
        weir_config_read_secret (self, key, item, &secret);
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

/* Line ends are for whoever reads it, so a text may hold them. */
void
weir_config_read_text (WeirConfigReader *self,
                       const WeirConfigKey *key,
                       const WeirConfigNode *value,
                       void *field)
{
  WeirSlice text = weir_config_node_get_text (value);

  if (value->kind != WEIR_CONFIG_NODE_SCALAR)
    {
      weir_config_reader_check_scalar (self, key, value);
      return;
    }
  for (size_t i = 0; i < text.length; i++)
    if (((unsigned char)text.text[i] < 0x20 && strchr ("\n\r\t", text.text[i]) == NULL)
        || text.text[i] == '\0' || text.text[i] == 0x7f)
      {
        weir_config_report (self->notices, TRUE, value->start,
                            "%s holds a control character", key->path);
        return;
      }
  take_string (field, text.length > 0 ? weir_slice_dup (text) : NULL);
}

/* A group's name is part of a path. */
void
weir_config_read_group_name (WeirConfigReader *self,
                             const WeirConfigKey *key,
                             const WeirConfigNode *value,
                             void *field)
{
  WeirSlice text = weir_config_node_get_text (value);
  g_autofree char *name = NULL;
  g_autofree char *found = NULL;

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  while (text.length > 0 && text.text[0] == '/')
    text = (WeirSlice){ text.text + 1, text.length - 1 };
  while (text.length > 0 && text.text[text.length - 1] == '/')
    text.length--;
  name = g_ascii_strdown (text.length > 0 ? text.text : "", (gssize)text.length);
  if (strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen (name))
    {
      take_string (field, *name != '\0' ? g_steal_pointer (&name) : NULL);
      return;
    }
  found = weir_config_dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s of a group may hold letters, digits, - and _ (found %s)",
                      key->path, found);
}

/* The id of the provider row that is a typing error away from @name, or NULL. */
static const char *
suggest_provider (const char *name)
{
  size_t n = 0;
  const WeirProvider *providers = weir_provider_table_get (&n);
  unsigned nearest = 0;
  const char *found = NULL;

  for (size_t i = 0; i < n; i++)
    if (weir_config_is_nearer (name, providers[i].id, &nearest))
      found = providers[i].id;
  return found;
}

void
weir_config_read_provider (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field)
{
  g_autofree char *name = NULL;
  g_autofree char *found = NULL;
  const WeirProvider *provider = NULL;
  const char *near = NULL;

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  name = weir_slice_dup (weir_config_node_get_text (value));
  provider = weir_provider_lookup (name);
  if (provider != NULL)
    {
      take_string (field, g_strdup (provider->id));
      return;
    }
  found = weir_config_dup_found (value);
  near = suggest_provider (name);
  if (near != NULL)
    weir_config_report (self->notices, TRUE, value->start,
                        "provider %s is not known; did you mean \"%s\"?", found, near);
  else
    weir_config_report (self->notices, TRUE, value->start,
                        "provider %s is not known; use openai-compatibility with its "
                        "base-url",
                        found);
}
