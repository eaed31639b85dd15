/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records: what is not there reads as not known, and lists change where they differ. */

#include "config.h"

#include <glib.h>

#include "window/weir-record.h"

static WeirRecord *
make_record (const char *text)
{
  g_autoptr (GVariant) members
      = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  return weir_record_new (members);
}

static void
test_absent (void)
{
  g_autoptr (WeirRecord) record = make_record ("{}");
  g_auto (GStrv) list = weir_record_dup_list (record, "x");

  g_assert_cmpstr (weir_record_get_text (record, "x"), ==, "");
  g_assert_cmpint (weir_record_get_integer (record, "x"), ==, 0);
  g_assert_cmpfloat (weir_record_get_double (record, "x", -1), ==, -1);
  g_assert_false (weir_record_get_truth (record, "x"));
  g_assert_cmpuint (g_strv_length (list), ==, 0);
  g_assert_null (weir_record_dup_value (record, "x", "a(sxx)"));
}

/* A service that is newer may say the same by another type. */
static void
test_other_type (void)
{
  g_autoptr (WeirRecord) record = make_record ("{'x': <[(1, 2)]>}");
  g_auto (GStrv) list = weir_record_dup_list (record, "x");

  g_assert_cmpstr (weir_record_get_text (record, "x"), ==, "");
  g_assert_cmpint (weir_record_get_integer (record, "x"), ==, 0);
  g_assert_cmpfloat (weir_record_get_double (record, "x", 7), ==, 7);
  g_assert_false (weir_record_get_truth (record, "x"));
  g_assert_cmpuint (g_strv_length (list), ==, 0);
  g_assert_null (weir_record_dup_value (record, "x", "as"));
}

static void
test_integers (void)
{
  g_autoptr (WeirRecord) record
      = make_record ("{'x': <int64 -5>, 't': <uint64 18446744073709551615>,"
                     " 'u': <uint32 4294967295>, 'i': <int32 -7>, 'd': <2.5>}");

  g_assert_cmpint (weir_record_get_integer (record, "x"), ==, -5);
  g_assert_cmpint (weir_record_get_integer (record, "t"), ==, G_MAXINT64);
  g_assert_cmpint (weir_record_get_integer (record, "u"), ==, G_MAXUINT32);
  g_assert_cmpint (weir_record_get_integer (record, "i"), ==, -7);
  g_assert_cmpint (weir_record_get_integer (record, "d"), ==, 0);
}

/* Bits of @members say which of five records are in the list. */
static GVariant *
make_array (unsigned members)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; i < 5; i++)
    if ((members & 1u << i) != 0)
      {
        g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add (&builder, "{sv}", "id", g_variant_new_uint32 (i));
        g_variant_builder_close (&builder);
      }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
check_same (GListStore *list, GVariant *array)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==,
                    g_variant_n_children (array));
  for (unsigned i = 0; i < g_variant_n_children (array); i++)
    {
      g_autoptr (WeirRecord) record = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autoptr (GVariant) members = g_variant_get_child_value (array, i);

      g_assert_true (g_variant_equal (weir_record_get_members (record), members));
    }
}

/* Every list of five after every other one: what stands at both ends of the two stays the
 * same object. */
static void
test_replace (void)
{
  for (unsigned before = 0; before < 32; before++)
    for (unsigned after = 0; after < 32; after++)
      {
        g_autoptr (GVariant) old_array = make_array (before);
        g_autoptr (GVariant) new_array = make_array (after);
        g_autoptr (GListStore) list = weir_record_list_new (old_array);
        g_autoptr (WeirRecord) first = g_list_model_get_item (G_LIST_MODEL (list), 0);
        gboolean keeps_first
            = before != 0 && after != 0 && (before & -before) == (after & -after);

        check_same (list, old_array);
        weir_record_list_replace (list, new_array);
        check_same (list, new_array);
        if (keeps_first)
          {
            g_autoptr (WeirRecord) now = g_list_model_get_item (G_LIST_MODEL (list), 0);

            g_assert_true (now == first);
          }
      }
}

static void
on_items_changed (
    GListModel *list, unsigned position, unsigned removed, unsigned added, gpointer data)
{
  (*(unsigned *)data)++;
}

static void
test_replace_by_the_same (void)
{
  g_autoptr (GVariant) array = make_array (31);
  g_autoptr (GListStore) list = weir_record_list_new (array);
  unsigned changes = 0;

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), &changes);
  weir_record_list_replace (list, array);
  g_assert_cmpuint (changes, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/what-is-absent-is-not-known", test_absent);
  g_test_add_func ("/record/what-is-of-another-type-is-not-known", test_other_type);
  g_test_add_func ("/record/every-kind-of-integer-is-read", test_integers);
  g_test_add_func ("/record/a-list-becomes-the-other-and-keeps-what-stays", test_replace);
  g_test_add_func ("/record/the-same-list-changes-nothing", test_replace_by_the_same);
  return g_test_run ();
}
