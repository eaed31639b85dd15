/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Readings as text, and the invariants of all of them. */

#include "config.h"

#include "quota-fixture.h"

#include <math.h>

#define YEAR_US ((int64_t)400 * 24 * 3600 * G_USEC_PER_SEC)

static void
check_allowance (const WeirQuotaReading *reading, unsigned at)
{
  const WeirQuotaAllowance *self = &reading->allowances[at];

  g_assert_true (self->used_percent == WEIR_QUOTA_UNKNOWN
                 || (self->used_percent >= 0 && self->used_percent <= 100));
  g_assert_true (self->used_percent >= 0 || self->resets_at_us != 0 || self->rejected);
  g_assert_cmpint (self->length_us, >=, 0);
  g_assert_cmpint (self->length_us, <=, YEAR_US);
  if (self->resets_at_us != 0)
    {
      g_assert_cmpint (self->resets_at_us, >, self->read_at_us - YEAR_US);
      g_assert_cmpint (self->resets_at_us, <=, self->read_at_us + YEAR_US);
    }
  g_assert_cmpint (self->source, <, WEIR_QUOTA_SOURCE_LAST);
  g_assert_true (g_utf8_validate (self->name, -1, NULL) && *self->name != '\0');
  g_assert_true (g_utf8_validate (self->model, -1, NULL));
  for (unsigned i = 0; i < at; i++)
    g_assert_true (strcmp (reading->allowances[i].name, self->name) != 0
                   || g_ascii_strcasecmp (reading->allowances[i].model, self->model) != 0);
}

static void
add_allowance (GString *out, const WeirQuotaAllowance *self)
{
  g_string_append (out, self->name);
  if (self->model[0] != '\0')
    g_string_append_printf (out, "/%s", self->model);
  if (self->used_percent < 0)
    g_string_append (out, "=?");
  else
    g_string_append_printf (out, "=%g", round (self->used_percent * 100) / 100);
  if (self->resets_at_us != 0)
    g_string_append_printf (out, "@%g",
                            (double)(self->resets_at_us - QUOTA_NOW_US) / G_USEC_PER_SEC);
  if (self->length_us != 0)
    g_string_append_printf (out, "~%g", (double)self->length_us / G_USEC_PER_SEC);
  g_string_append (out, self->rejected ? "! " : " ");
}

char *
quota_dup_text (const WeirQuotaReading *reading)
{
  GString *out = g_string_new (NULL);

  g_assert_cmpuint (reading->n_allowances, <=, WEIR_QUOTA_ALLOWANCES_MAX);
  for (unsigned i = 0; i < reading->n_allowances; i++)
    {
      check_allowance (reading, i);
      add_allowance (out, &reading->allowances[i]);
    }
  g_assert_true (isfinite (reading->credits.left));
  g_assert_true (g_utf8_validate (reading->credits.unit, -1, NULL));
  g_assert_true (g_utf8_validate (reading->plan, -1, NULL));
  if (reading->credits.unlimited)
    g_string_append (out, "credits=unlimited ");
  else if (reading->credits.known)
    g_string_append_printf (out, "credits=%g %s ", reading->credits.left,
                            reading->credits.unit);
  if (reading->resets.read_at_us != 0)
    {
      g_string_append_printf (out, "resets=%u", reading->resets.left);
      if (reading->resets.expires_us != 0)
        g_string_append_printf (out, "@%g",
                                (double)(reading->resets.expires_us - QUOTA_NOW_US)
                                    / G_USEC_PER_SEC);
      g_string_append_c (out, ' ');
    }
  if (reading->plan[0] != '\0')
    g_string_append_printf (out, "plan=%s ", reading->plan);
  if (out->len > 0)
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

void
quota_fields_from_text (WeirQuotaFields *fields, WeirSlice text)
{
  fields->n = 0;
  while (text.text != NULL && text.length > 0)
    {
      const char *end = memmem (text.text, text.length, "\r\n", 2);
      const size_t length = end != NULL ? (size_t)(end - text.text) : text.length;
      const char *colon = memmem (text.text, length, ": ", 2);

      if (colon != NULL)
        weir_quota_fields_add (
            fields, (WeirSlice){ text.text, (size_t)(colon - text.text) },
            (WeirSlice){ colon + 2, (size_t)(text.text + length - colon - 2) });
      text.text += end != NULL ? length + 2 : length;
      text.length -= end != NULL ? length + 2 : length;
    }
}
