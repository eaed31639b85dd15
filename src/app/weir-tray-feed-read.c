/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the bus's dictionaries to the tray's model.  What is not there, or is of another
 * type, is not known: a newer service may say more, an older one less. */

#include "config.h"

#include "app/weir-tray-feed-private.h"

#include "base/weir-service-text.h"
#include "base/weir-translate.h"

#include <string.h>

#define RESETS_MAX 999.0

static WeirTrayState
read_state (const char *name)
{
  static const char *const names[] = {
    [WEIR_TRAY_STARTING] = "starting",
    [WEIR_TRAY_RUNNING] = "running",
    [WEIR_TRAY_STOPPED] = "stopped",
    [WEIR_TRAY_FAILED] = "failed",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (name, names[i]) == 0)
      return (WeirTrayState)i;
  return WEIR_TRAY_STARTING;
}

static WeirTrayAccountState
read_account_state (const char *name)
{
  static const char *const names[] = {
    [WEIR_TRAY_ACCOUNT_READY] = "ready",         [WEIR_TRAY_ACCOUNT_RESTING] = "resting",
    [WEIR_TRAY_ACCOUNT_EXHAUSTED] = "exhausted", [WEIR_TRAY_ACCOUNT_DISABLED] = "disabled",
    [WEIR_TRAY_ACCOUNT_SIGN_IN] = "sign-in",     [WEIR_TRAY_ACCOUNT_LOCKED] = "locked",
    [WEIR_TRAY_ACCOUNT_MISSING] = "missing",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (name, names[i]) == 0)
      return (WeirTrayAccountState)i;
  return WEIR_TRAY_ACCOUNT_READY;
}

/* NULL instead of "". */
static const char *
keep_some (WeirTrayModel *model, const char *text)
{
  return text != NULL && *text != '\0' ? weir_tray_model_keep (model, text) : NULL;
}

/* What the bus says in English, in the user's language; NULL instead of "". */
static const char *
keep_said (WeirTrayModel *model, const char *text)
{
  g_autofree char *shown = weir_service_text_dup (text);

  return keep_some (model, shown);
}

static const char *
keep_member (WeirTrayModel *model, GVariant *dict, const char *name)
{
  const char *text = NULL;

  g_variant_lookup (dict, name, "&s", &text);
  return keep_some (model, text);
}

static int64_t
read_time (GVariant *dict, const char *name)
{
  gint64 time = 0;

  g_variant_lookup (dict, name, "x", &time);
  return MAX (time, 0);
}

static double
read_percent (GVariant *dict, const char *name)
{
  double percent = WEIR_TRAY_UNKNOWN;

  g_variant_lookup (dict, name, "d", &percent);
  return percent >= 0.0 && percent <= 100.0 ? percent : WEIR_TRAY_UNKNOWN;
}

void
weir_tray_feed_read_manager (WeirTrayModel *model, WeirBusManager *manager)
{
  GVariant *attention = weir_bus_manager_get_attention (manager);
  const char *endpoint = weir_bus_manager_get_endpoint (manager);

  model->state = read_state (weir_bus_manager_get_state (manager));
  model->endpoint = weir_tray_model_keep (model, endpoint != NULL ? endpoint : "");
  model->problem = keep_said (model, weir_bus_manager_get_problem (manager));
  model->secrets_locked = g_strcmp0 (weir_bus_manager_get_secrets (manager), "locked") == 0;
  for (gsize i = 0; attention != NULL && i < g_variant_n_children (attention); i++)
    {
      const char *kind = NULL;
      const char *subject = NULL;
      const char *sentence = NULL;
      WeirTrayNotice notice;

      g_variant_get_child (attention, i, "(&s&s&s)", &kind, &subject, &sentence);
      notice.kind = weir_tray_model_keep (model, kind);
      notice.subject = weir_tray_model_keep (model, subject);
      notice.sentence = keep_said (model, sentence);
      if (notice.sentence == NULL)
        notice.sentence = notice.kind;
      g_array_append_val (model->notices, notice);
    }
}

static const char *
keep_pace (WeirTrayModel *model, GVariant *window)
{
  return keep_member (model, window, "pace");
}

static void
read_windows (WeirTrayModel *model, WeirTrayAccount *account, GVariant *windows)
{
  const gsize n = windows != NULL ? g_variant_n_children (windows) : 0;

  for (gsize i = 0; i < n && account->n_windows < WEIR_TRAY_WINDOWS_MAX; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (windows, i);
      const char *name = keep_member (model, dict, "name");
      const int64_t began_us = read_time (dict, "began");
      const int64_t read_us = read_time (dict, "read");
      WeirTrayWindow window = {
        .name = name,
        .scope = keep_member (model, dict, "scope"),
        .used_percent = read_percent (dict, "used"),
        .resets_us = read_time (dict, "resets"),
        .runs_out_us = read_time (dict, "runs-out"),
        .pace = keep_pace (model, dict),
      };

      if (name == NULL)
        continue;
      if (began_us > 0 && window.resets_us > began_us)
        window.length_us = window.resets_us - began_us;
      account->read_us = MAX (account->read_us, read_us);
      if (account->source == NULL)
        account->source = keep_member (model, dict, "source");
      account->windows[account->n_windows++] = window;
    }
}

/* (transfer full): "Credits: 1120 of 1500 left". */
static char *
spell_credit (GVariant *credit, const char *name, double left)
{
  g_autofree char *number = g_strdup_printf ("%.10g", left);
  g_autofree char *whole = NULL;
  g_autofree char *amount = NULL;
  g_autofree char *shown_unit = NULL;
  const char *unit = "";
  double of = 0.0;

  g_variant_lookup (credit, "unit", "&s", &unit);
  g_variant_lookup (credit, "of", "d", &of);
  if (of > 0.0)
    whole = g_strdup_printf ("%.10g", of);
  shown_unit = weir_service_text_dup (unit);
  amount = g_strconcat (whole != NULL ? whole : number, *unit != '\0' ? " " : NULL,
                        shown_unit, NULL);
  if (whole == NULL)
    return g_strdup_printf (_ ("%s: %s left"), name, amount);
  return g_strdup_printf (_ ("%s: %s of %s left"), name, number, amount);
}

static void
read_credit (WeirTrayModel *model, WeirTrayAccount *account, GVariant *credit)
{
  g_autofree char *shown = NULL;
  g_autofree char *line = NULL;
  const char *id = "";
  const char *name = "";
  double left = 0.0;

  if (!g_variant_lookup (credit, "left", "d", &left) || left < 0.0)
    return;
  g_variant_lookup (credit, "id", "&s", &id);
  g_variant_lookup (credit, "name", "&s", &name);
  if (g_str_equal (id, "limit-resets"))
    {
      account->resets_left = (unsigned)MIN (left, RESETS_MAX);
      account->resets_expire_us = read_time (credit, "expires");
      return;
    }
  if (account->n_credits == WEIR_TRAY_CREDITS_MAX)
    return;
  shown = weir_service_text_dup (name);
  line = spell_credit (credit, shown, left);
  account->credits[account->n_credits++] = weir_tray_model_keep (model, line);
}

static void
read_credits (WeirTrayModel *model, WeirTrayAccount *account, GVariant *credits)
{
  for (gsize i = 0; credits != NULL && i < g_variant_n_children (credits); i++)
    {
      g_autoptr (GVariant) credit = g_variant_get_child_value (credits, i);

      read_credit (model, account, credit);
    }
}

void
weir_tray_feed_read_account (WeirTrayModel *model, WeirBusAccount *bus)
{
  WeirTrayAccount account = { .id = keep_some (model, weir_bus_account_get_id (bus)) };
  const char *name = weir_bus_account_get_provider_name (bus);
  const char *label = weir_bus_account_get_label (bus);

  if (account.id == NULL)
    return;
  account.provider = keep_some (model, weir_bus_account_get_provider (bus));
  account.provider_name = weir_tray_model_keep (model, name != NULL ? name : "");
  account.label = weir_tray_model_keep (model, label != NULL ? label : "");
  account.identity = keep_some (model, weir_bus_account_get_identity (bus));
  account.plan = keep_some (model, weir_bus_account_get_plan (bus));
  account.sentence = keep_said (model, weir_bus_account_get_sentence (bus));
  account.quota_note = keep_said (model, weir_bus_account_get_quota_sentence (bus));
  account.rests_until_us = MAX (weir_bus_account_get_rests_until (bus), 0);
  account.state = read_account_state (weir_bus_account_get_state (bus));
  account.priority = weir_bus_account_get_priority (bus);
  read_windows (model, &account, weir_bus_account_get_windows (bus));
  read_credits (model, &account, weir_bus_account_get_credits (bus));
  g_array_append_val (model->accounts, account);
}

void
weir_tray_feed_read_providers (WeirTrayModel *model, GVariant *providers)
{
  for (gsize i = 0; i < g_variant_n_children (providers); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (providers, i);
      g_autofree const char **ways = NULL;
      const char *standing = "";
      WeirTrayProvider provider = { .id = keep_member (model, dict, "id"),
                                    .name = keep_member (model, dict, "name") };

      if (provider.id == NULL || provider.name == NULL)
        continue;
      g_variant_lookup (dict, "standing", "&s", &standing);
      provider.sentence = keep_said (model, keep_member (model, dict, "sentence"));
      provider.is_ended = g_str_equal (standing, "ended");
      provider.has_usage = keep_member (model, dict, "usage-page") != NULL;
      provider.has_status = keep_member (model, dict, "status-page") != NULL;
      /* the first way is what a plain choice takes */
      if (g_variant_lookup (dict, "ways", "^a&s", &ways) && ways[0] != NULL)
        provider.has_device = g_strv_contains ((const char *const *)ways + 1, "device");
      g_array_append_val (model->providers, provider);
    }
}

void
weir_tray_feed_read_models (WeirTrayModel *model, GVariant *models)
{
  for (gsize i = 0; i < g_variant_n_children (models); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (models, i);
      const char *owner = keep_member (model, dict, "owner");
      const WeirTrayModelName name = { .owner = owner != NULL ? owner : "weir",
                                       .id = keep_member (model, dict, "id"),
                                       .target = keep_member (model, dict, "alias-of") };

      if (name.id != NULL)
        g_array_append_val (model->model_names, name);
    }
}

static int
compare_accounts (gconstpointer a, gconstpointer b)
{
  const WeirTrayAccount *left = a;
  const WeirTrayAccount *right = b;
  const int by_provider = strcmp (left->provider_name, right->provider_name);

  return by_provider != 0 ? by_provider : strcmp (left->id, right->id);
}

/* Has it the highest priority of its provider, and is not alone? */
static gboolean
is_preferred (const WeirTrayModel *model, const WeirTrayAccount *account)
{
  gboolean is_above = FALSE;

  for (unsigned i = 0; i < model->accounts->len; i++)
    {
      const WeirTrayAccount *other = &g_array_index (model->accounts, WeirTrayAccount, i);

      if (other == account || !g_str_equal (other->provider_name, account->provider_name))
        continue;
      if (other->priority >= account->priority)
        return FALSE;
      is_above = TRUE;
    }
  return is_above;
}

void
weir_tray_feed_finish (WeirTrayModel *model)
{
  g_array_sort (model->accounts, compare_accounts);
  for (unsigned i = 0; i < model->accounts->len; i++)
    {
      WeirTrayAccount *account = &g_array_index (model->accounts, WeirTrayAccount, i);

      account->is_preferred = is_preferred (model, account);
      model->updated_us = MAX (model->updated_us, account->read_us);
    }
}
