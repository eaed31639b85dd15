/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Code Assist's loadCodeAssist and onboardUser, as Gemini CLI's source has them (read
 * 2026-10):
 *
 *   load --a project--> done
 *     +---none--> onboard --done--> done
 *                   ^  +--not yet, two seconds, five times--+
 *                   +---------------------------------------+
 *
 * Choosing among projects, and switching Google's service on in one, are left out: the
 * user's own project is what `loadCodeAssist` names. */

#include "config.h"

#include "control/weir-project.h"

#include "base/weir-json-write.h"
#include "base/weir-json.h"

#include <string.h>

#define BASE "https://cloudcode-pa.googleapis.com/v1internal"
#define TRIES 5u
#define PAUSE_S 2u
#define TEXT_MAX 128u
#define TIER_DEFAULT "legacy-tier"
#define METADATA                                                                           \
  "{\"ideType\":\"IDE_UNSPECIFIED\",\"platform\":\"PLATFORM_UNSPECIFIED\","                \
  "\"pluginType\":\"GEMINI\"}"

/* Lives as its task's data. */
typedef struct
{
  WeirVendorCalls *calls;    /* (unowned) */
  WeirSecret *authorization; /* (owned) */
  char *tier;                /* (owned) (nullable) */
  char *plan;                /* (owned) (nullable) */
  unsigned n_tries;
} Finding;

static void
finding_free (gpointer data)
{
  Finding *self = data;

  weir_secret_unref (self->authorization);
  g_free (self->tier);
  g_free (self->plan);
  g_free (self);
}

gboolean
weir_project_is_needed (const WeirProviderOauth *row)
{
  return strcmp (row->id, "antigravity") == 0 || strcmp (row->id, "gemini-cli") == 0;
}

/* (transfer full) (nullable): a name as Google makes them. */
static char *
dup_name (const WeirJson *json, uint32_t item)
{
  g_autofree char *text = item != 0 ? weir_json_dup_text (json, item) : NULL;

  if (text == NULL || *text == '\0' || strlen (text) > TEXT_MAX)
    return NULL;
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("-_.:", *c) == NULL)
      return NULL;
  return g_steal_pointer (&text);
}

/* A project is its name, or an object that has it as `id`. */
static char *
read_project (const WeirJson *json, uint32_t object)
{
  const uint32_t item = weir_json_lookup (json, object, "cloudaicompanionProject");

  if (item == 0 || weir_json_get_type (json, item) == WEIR_JSON_STRING)
    return dup_name (json, item);
  return dup_name (json, weir_json_lookup (json, item, "id"));
}

static gboolean
parse (WeirSlice body, WeirJson *out)
{
  static const WeirJsonLimits limits = { .max_depth = 32, .max_items = 65536 };

  return weir_json_parse (out, body.text, body.length, &limits, NULL)
         && weir_json_get_type (out, 0) == WEIR_JSON_OBJECT;
}

void
weir_project_read_load (WeirSlice body,
                        char **out_project,
                        char **out_plan,
                        char **out_tier)
{
  g_auto (WeirJson) json = { 0 };
  uint32_t tiers = 0;
  uint32_t current = 0;

  if (!parse (body, &json))
    return;
  *out_project = read_project (&json, 0);
  current = weir_json_lookup (&json, 0, "currentTier");
  if (current != 0)
    *out_plan = dup_name (&json, weir_json_lookup (&json, current, "id"));
  tiers = weir_json_lookup (&json, 0, "allowedTiers");
  if (tiers == 0 || weir_json_get_type (&json, tiers) != WEIR_JSON_ARRAY)
    return;
  for (uint32_t tier = weir_json_first (&json, tiers); tier != 0 && *out_tier == NULL;
       tier = weir_json_next (&json, tiers, tier))
    {
      const uint32_t is_default = weir_json_lookup (&json, tier, "isDefault");

      if (is_default != 0 && weir_json_get_type (&json, is_default) == WEIR_JSON_TRUE)
        *out_tier = dup_name (&json, weir_json_lookup (&json, tier, "id"));
    }
}

gboolean
weir_project_read_onboard (WeirSlice body, char **out_project)
{
  g_auto (WeirJson) json = { 0 };
  uint32_t done = 0;
  uint32_t response = 0;

  if (!parse (body, &json))
    return FALSE;
  done = weir_json_lookup (&json, 0, "done");
  if (done == 0 || weir_json_get_type (&json, done) != WEIR_JSON_TRUE)
    return FALSE;
  response = weir_json_lookup (&json, 0, "response");
  *out_project = response != 0 ? read_project (&json, response) : NULL;
  return TRUE;
}

/* @body (transfer full). */
static void
post (GTask *task, const char *url, char *body, GAsyncReadyCallback callback)
{
  const Finding *self = g_task_get_task_data (task);
  g_autoptr (WeirSecret) text = weir_secret_new (weir_slice_from_string (body));

  g_free (body);
  weir_vendor_calls_ask_async (self->calls,
                               &(const WeirVendorCall){
                                   .method = "POST",
                                   .url = url,
                                   .content_type = "application/json",
                                   .body = text,
                                   .authorization = self->authorization,
                               },
                               g_task_get_cancellable (task), callback,
                               g_object_ref (task));
}

static void
fail (GTask *task, unsigned status)
{
  g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM,
                           "Google named no project for the account (status %u)", status);
}

static void onboard (GTask *task);

static gboolean
on_pause_over (gpointer task)
{
  onboard (task);
  return G_SOURCE_REMOVE;
}

static void
onboarded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Finding *self = g_task_get_task_data (task);
  GError *error = NULL;
  unsigned status = 0;
  g_autoptr (GBytes) body = weir_vendor_calls_ask_finish (result, &status, &error);
  WeirSlice text = { NULL, 0 };
  char *project = NULL;
  gboolean is_done = FALSE;

  if (body == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  text.text = g_bytes_get_data (body, &text.length);
  is_done = status == 200 && weir_project_read_onboard (text, &project);
  if (project != NULL)
    g_task_return_pointer (task, project, g_free);
  else if (is_done || status != 200 || ++self->n_tries == TRIES)
    fail (task, status);
  else
    g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, PAUSE_S, on_pause_over,
                                g_steal_pointer (&task), g_object_unref);
}

static void
onboard (GTask *task)
{
  const Finding *self = g_task_get_task_data (task);
  GString *body = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, body);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "tierId", self->tier != NULL ? self->tier : TIER_DEFAULT);
  weir_json_add_raw (&w, "metadata", WEIR_SLICE (METADATA));
  weir_json_close (&w);
  post (task, BASE ":onboardUser", g_string_free (body, FALSE), onboarded_cb);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Finding *self = g_task_get_task_data (task);
  GError *error = NULL;
  unsigned status = 0;
  g_autoptr (GBytes) body = weir_vendor_calls_ask_finish (result, &status, &error);
  WeirSlice text = { NULL, 0 };
  char *project = NULL;

  if (body == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  text.text = g_bytes_get_data (body, &text.length);
  if (status != 200)
    {
      fail (task, status);
      return;
    }
  weir_project_read_load (text, &project, &self->plan, &self->tier);
  if (project != NULL)
    g_task_return_pointer (task, project, g_free);
  else
    onboard (task);
}

void
weir_project_find_async (WeirVendorCalls *calls,
                         WeirSecret *authorization,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Finding *finding = g_new0 (Finding, 1);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_project_find_async);
  finding->calls = calls;
  finding->authorization = weir_secret_ref (authorization);
  g_task_set_task_data (task, finding, finding_free);
  post (task, BASE ":loadCodeAssist", g_strdup ("{\"metadata\":" METADATA "}"), loaded_cb);
}

char *
weir_project_find_finish (GAsyncResult *result, char **out_plan, GError **error)
{
  Finding *finding = g_task_get_task_data (G_TASK (result));
  char *project = g_task_propagate_pointer (G_TASK (result), error);

  *out_plan = g_steal_pointer (&finding->plan);
  return project;
}
