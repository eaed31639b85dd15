/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever a vendor says of quotas, a share is unknown or between 0 and 100, a reset is
 * near or unknown, and no two allowances are alike; merging changes none of that, and twice
 * the same is once.  The first byte chooses the reader: fields of a head, the body of a
 * refusal, or one of the recipes. */

#include "config.h"

#include "providers/weir-quota-recipe.h"
#include "quota-fixture.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static gboolean
read_input (uint8_t reader, WeirSlice text, WeirQuotaReading *out)
{
  WeirQuotaFields fields;
  size_t n;
  const WeirQuotaRecipe *recipes = weir_quota_recipe_table_get (&n);

  if (reader == 0)
    {
      quota_fields_from_text (&fields, text);
      return weir_quota_read_fields (&fields, QUOTA_NOW_US, out);
    }
  if (reader == 1)
    return weir_quota_read_refusal (text, "model", QUOTA_NOW_US, out);
  return weir_quota_recipe_read (&recipes[reader % n], 200, text, QUOTA_NOW_US, out)
         == WEIR_QUOTA_READ;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  WeirQuotaReading reading;
  WeirQuotaReading all = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *merged = NULL;
  g_autofree char *again = NULL;
  gboolean is_read;

  if (size < 1)
    return 0;
  is_read = read_input (data[0], (WeirSlice){ (const char *)data + 1, size - 1 }, &reading);
  text = quota_dup_text (&reading);
  g_assert_true (weir_quota_reading_says_something (&reading) || !is_read);
  weir_quota_reading_merge (&all, &reading);
  merged = quota_dup_text (&all);
  g_assert_cmpstr (merged, ==, text);
  weir_quota_reading_merge (&all, &reading);
  again = quota_dup_text (&all);
  g_assert_cmpstr (again, ==, text);
  return 0;
}
