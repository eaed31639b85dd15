/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Top members only: what vendors refuse deeper is the dialects' business. */

#include "config.h"

#include "providers/weir-provider-fit.h"

#include "base/weir-json-edit.h"

/* A body that has both keeps what already bears the right name. */
static void
rename_member (WeirJsonEdit *edit, const WeirJson *json, const char *from, const char *to)
{
  const uint32_t item = weir_json_lookup (json, 0, from);

  if (item == 0)
    return;
  if (weir_json_lookup (json, 0, to) == 0)
    weir_json_edit_set (edit, json, 0, to, weir_json_get_raw (json, item));
  weir_json_edit_remove (edit, json, 0, from);
}

gboolean
weir_provider_fit_body (const WeirProvider *self,
                        WeirSlice body,
                        GBytes **out_body,
                        GError **error)
{
  const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };

  *out_body = NULL;
  if (self->drops == NULL && self->renamed[0] == NULL)
    return TRUE;
  if (!weir_json_parse (&json, body.text, body.length, &shallow, error))
    return FALSE;
  if (weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "the request body must be a JSON object");
  for (const char *const *name = self->drops; name != NULL && *name != NULL; name++)
    weir_json_edit_remove (&edit, &json, 0, *name);
  if (self->renamed[0] != NULL)
    rename_member (&edit, &json, self->renamed[0], self->renamed[1]);
  if (!weir_json_edit_is_empty (&edit))
    *out_body = weir_json_edit_apply (&edit, body);
  return TRUE;
}
