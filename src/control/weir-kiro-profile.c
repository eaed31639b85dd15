/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ListAvailableProfiles and the regions as the vendor's open command-line program has them
 * (aws/amazon-q-developer-cli, 2026-04, read 2026-11).  Of several profiles the first is
 * taken: choosing is left out. */

#include "config.h"

#include "control/weir-kiro-profile.h"

#include "base/weir-json.h"
#include "control/weir-identity.h"

#include <string.h>

static const char *const urls[] = {
  "https://q.us-east-1.amazonaws.com/",
  "https://q.eu-central-1.amazonaws.com/",
};

static const WeirControlField fields[] = {
  { .name = "X-Amz-Target", .value = "AmazonCodeWhispererService.ListAvailableProfiles" },
  { .name = NULL },
};

/* Lives as its task's data. */
typedef struct
{
  WeirVendorCalls *calls;    /* (unowned) */
  WeirSecret *authorization; /* (owned) */
  unsigned next;             /* of urls */
} Finding;

static void
finding_free (gpointer data)
{
  Finding *self = data;

  weir_secret_unref (self->authorization);
  g_free (self);
}

gboolean
weir_kiro_profile_is_needed (const WeirProviderOauth *row,
                             const WeirAccountIdentity *identity)
{
  return strcmp (row->id, "kiro") == 0 && identity->project == NULL;
}

char *
weir_kiro_profile_read (WeirSlice body)
{
  static const WeirJsonLimits limits = { .max_depth = 32, .max_items = 65536 };
  g_auto (WeirJson) json = { 0 };
  g_autofree char *arn = NULL;
  uint32_t list;
  uint32_t first;

  if (!weir_json_parse (&json, body.text, body.length, &limits, NULL))
    return NULL;
  list = weir_json_lookup (&json, 0, "profiles");
  first = list != 0 && weir_json_get_type (&json, list) == WEIR_JSON_ARRAY
              ? weir_json_first (&json, list)
              : 0;
  if (first == 0 || weir_json_lookup (&json, first, "arn") == 0)
    return NULL;
  arn = weir_json_dup_text (&json, weir_json_lookup (&json, first, "arn"));
  if (arn == NULL || !g_str_has_prefix (arn, "arn:") || !g_str_is_ascii (arn)
      || strlen (arn) > WEIR_IDENTITY_TEXT_MAX || strpbrk (arn, " \t\r\n\"\\") != NULL)
    return NULL;
  return g_steal_pointer (&arn);
}

static void ask_next (GTask *task);

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  unsigned status = 0;
  g_autoptr (GBytes) body = weir_vendor_calls_ask_finish (result, &status, NULL);
  WeirSlice text = { NULL, 0 };
  char *arn = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (body != NULL && status == 200)
    text.text = g_bytes_get_data (body, &text.length);
  if (text.length > 0)
    arn = weir_kiro_profile_read (text);
  if (arn != NULL)
    g_task_return_pointer (task, arn, g_free);
  else
    ask_next (task);
}

static void
ask_next (GTask *task)
{
  Finding *self = g_task_get_task_data (task);
  g_autoptr (WeirSecret) body = NULL;

  if (self->next == G_N_ELEMENTS (urls))
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  body = weir_secret_new (WEIR_SLICE ("{}"));
  weir_vendor_calls_ask_async (self->calls,
                               &(const WeirVendorCall){
                                   .method = "POST",
                                   .url = urls[self->next++],
                                   .content_type = "application/x-amz-json-1.0",
                                   .body = body,
                                   .authorization = self->authorization,
                                   .fields = fields,
                               },
                               g_task_get_cancellable (task), asked_cb,
                               g_object_ref (task));
}

void
weir_kiro_profile_find_async (WeirVendorCalls *calls,
                              WeirSecret *authorization,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Finding *finding = g_new0 (Finding, 1);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_kiro_profile_find_async);
  finding->calls = calls;
  finding->authorization = weir_secret_ref (authorization);
  g_task_set_task_data (task, finding, finding_free);
  ask_next (task);
}

char *
weir_kiro_profile_find_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
