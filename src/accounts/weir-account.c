/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Snapshots of accounts: made, copied, counted. */

#include "config.h"

#include "accounts/weir-account-private.h"
#include "store/weir-config-url.h"

#include <string.h>

typedef struct
{
  WeirAccount account; /* first: the snapshot that others see */
  gatomicrefcount count;
} Counted;

void
weir_account_settings_clear (WeirAccountSettings *self)
{
  g_free (self->label);
  g_free (self->prefix);
  g_free (self->proxy_url);
  g_strfreev (self->headers);
  g_strfreev (self->excluded_models);
  *self = (WeirAccountSettings){ 0 };
}

void
weir_account_settings_copy (const WeirAccountSettings *self, WeirAccountSettings *out)
{
  *out = *self;
  out->label = g_strdup (self->label);
  out->prefix = g_strdup (self->prefix);
  out->proxy_url = g_strdup (self->proxy_url);
  out->headers = g_strdupv (self->headers);
  out->excluded_models = g_strdupv (self->excluded_models);
}

void
weir_account_identity_clear (WeirAccountIdentity *self)
{
  g_free (self->vendor_id);
  g_free (self->email);
  g_free (self->plan);
  g_free (self->project);
  g_free (self->base_url);
  *self = (WeirAccountIdentity){ 0 };
}

void
weir_account_identity_copy (const WeirAccountIdentity *self, WeirAccountIdentity *out)
{
  out->vendor_id = g_strdup (self->vendor_id);
  out->email = g_strdup (self->email);
  out->plan = g_strdup (self->plan);
  out->project = g_strdup (self->project);
  out->base_url = g_strdup (self->base_url);
}

static gboolean
replace_text (char **text, const char *with)
{
  if (with == NULL || g_strcmp0 (*text, with) == 0)
    return FALSE;
  g_free (*text);
  *text = g_strdup (with);
  return TRUE;
}

gboolean
weir_account_identity_merge (WeirAccountIdentity *self, const WeirAccountIdentity *newer)
{
  gboolean is_changed = replace_text (&self->email, newer->email);

  is_changed |= replace_text (&self->plan, newer->plan);
  is_changed |= replace_text (&self->project, newer->project);
  is_changed |= replace_text (&self->base_url, newer->base_url);
  return is_changed;
}

WeirAccount *
weir_account_new (const char *id, const WeirProviderOauth *row)
{
  Counted *self = g_new0 (Counted, 1);

  g_atomic_ref_count_init (&self->count);
  self->account.id = g_strdup (id);
  self->account.row = row;
  return &self->account;
}

WeirAccount *
weir_account_copy (const WeirAccount *self)
{
  WeirAccount *copy = weir_account_new (self->id, self->row);

  weir_account_identity_copy (&self->identity, &copy->identity);
  weir_account_settings_copy (&self->settings, &copy->settings);
  copy->state = self->state;
  copy->sentence = g_strdup (self->sentence);
  copy->created_us = self->created_us;
  copy->expires_us = self->expires_us;
  copy->generation = self->generation;
  copy->is_live = self->is_live;
  return copy;
}

WeirAccount *
weir_account_ref (const WeirAccount *self)
{
  Counted *counted = (Counted *)self;

  g_atomic_ref_count_inc (&counted->count);
  return &counted->account;
}

void
weir_account_unref (WeirAccount *self)
{
  Counted *counted = (Counted *)self;

  if (self == NULL || !g_atomic_ref_count_dec (&counted->count))
    return;
  weir_account_identity_clear (&self->identity);
  weir_account_settings_clear (&self->settings);
  g_free (self->sentence);
  g_free (self->id);
  g_free (counted);
}

char *
weir_account_dup_masked_identity (const WeirAccount *self)
{
  const char *text
      = self->identity.email != NULL ? self->identity.email : self->identity.vendor_id;
  const char *at = strchr (text, '@');
  g_autofree char *first = NULL;

  if (!g_utf8_validate (text, -1, NULL) || *text == '\0')
    return g_strdup ("…");
  first = g_utf8_substring (text, 0, 1);
  return g_strconcat (first, "…", at, NULL);
}

const char *
weir_account_state_get_name (WeirAccountState state)
{
  static const char *const names[] = { "ready", "sign-in", "locked", "missing" };

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_ACCOUNT_STATE_LAST);
  g_return_val_if_fail (state < WEIR_ACCOUNT_STATE_LAST, NULL);
  return names[state];
}

/* --- what a user may set --- */

static gboolean
is_one_line (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if ((unsigned char)*p < 0x20 || *p == 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
check_lines (char **lines, const char *what, GError **error)
{
  for (unsigned i = 0; lines != NULL && lines[i] != NULL; i++)
    if (lines[i][0] == '\0' || !is_one_line (lines[i]))
      return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                             "%s %u is empty or not one line", what, i + 1);
  return TRUE;
}

static gboolean
check_header (const char *line, GError **error)
{
  const char *colon = strchr (line, ':');

  for (const char *p = line; colon != NULL && p < colon; p++)
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
      colon = NULL;
  return (colon != NULL && colon > line)
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                            "a header is written as \"Name: value\"");
}

static const char *
find_proxy_url_fault (const char *url)
{
  if (!g_str_is_ascii (url))
    return "holds what no address can; write its password anew";
  return weir_config_find_proxy_url_fault (url);
}

gboolean
weir_account_settings_check (const WeirAccountSettings *self, GError **error)
{
  const char *fault;

  if (self->label == NULL || self->label[0] == '\0' || !is_one_line (self->label)
      || strlen (self->label) > LABEL_MAX)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "a label is one line of 1 to %d bytes", LABEL_MAX);
  if (self->priority < -1000 || self->priority > 1000)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "priority is -1000 to 1000");
  if (self->weight < 1 || self->weight > 1000)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "weight is 1 to 1000");
  if (!(self->stop_at >= 0 && self->stop_at < 100))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "stop-at is 0 to 100 percent");
  if ((self->prefix != NULL && !is_one_line (self->prefix))
      || (self->proxy_url != NULL && !is_one_line (self->proxy_url)))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "prefix and proxy-url are one line");
  fault = self->proxy_url != NULL ? find_proxy_url_fault (self->proxy_url) : NULL;
  if (fault != NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "proxy-url %s", fault);
  if (!check_lines (self->headers, "header", error)
      || !check_lines (self->excluded_models, "excluded model", error))
    return FALSE;
  for (unsigned i = 0; self->headers != NULL && self->headers[i] != NULL; i++)
    if (!check_header (self->headers[i], error))
      return FALSE;
  return TRUE;
}
