/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Credits. */

#include "config.h"

#include "window/weir-credit.h"

#include <glib/gi18n.h>

#include "window/weir-format.h"
#include "window/weir-record.h"
#include "base/weir-service-text.h"

#define RESETS_NAME "Limit resets" /* as Account.ResetLimit says it */

char *
weir_credit_dup_name (GVariant *credit)
{
  g_autoptr (WeirRecord) record = weir_record_new (credit);

  return weir_service_text_dup (weir_record_get_text (record, "name"));
}

char *
weir_credit_dup_amount (GVariant *credit, int64_t now_us)
{
  g_autoptr (WeirRecord) record = weir_record_new (credit);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *unit = weir_service_text_dup (weir_record_get_text (record, "unit"));
  int64_t expires_us = weir_record_get_integer (record, "expires");
  double left = weir_record_get_double (record, "left", -1);
  double of = weir_record_get_double (record, "of", -1);

  if (left < 0)
    return g_strdup ("");
  g_string_append_printf (text, "%.12g", left);
  if (of > 0)
    g_string_append_printf (text, " / %.12g", of);
  if (*unit != '\0')
    g_string_append_printf (text, " %s", unit);
  if (expires_us > 0)
    {
      g_autofree char *moment = weir_format_moment (expires_us, now_us);

      g_string_append_c (text, ' ');
      /* Translators: %s is a moment, "Fri 09:00" or "1 Oct". */
      g_string_append_printf (text, _ ("(until %s)"), moment);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

unsigned
weir_credit_get_resets (GVariant *credit)
{
  g_autoptr (WeirRecord) record = weir_record_new (credit);
  double left = weir_record_get_double (record, "left", 0);

  if (!g_str_equal (weir_record_get_text (record, "name"), RESETS_NAME))
    return 0;
  return (unsigned)CLAMP (left, 0, 1000);
}
