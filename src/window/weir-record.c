/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A list item over an a{sv}: reading, and replacing lists without touching what stayed. */

#include "config.h"

#include "window/weir-record.h"

struct _WeirRecord
{
  GObject parent;

  GVariant *members; /* (owned) a{sv} */
};

G_DEFINE_FINAL_TYPE (WeirRecord, weir_record, G_TYPE_OBJECT)

WeirRecord *
weir_record_new (GVariant *members)
{
  WeirRecord *self = g_object_new (WEIR_TYPE_RECORD, NULL);

  self->members = g_variant_ref_sink (members);
  return self;
}

void
weir_record_list_replace (GListStore *list, GVariant *array)
{
  size_t n_new = g_variant_n_children (array);
  unsigned n_old = g_list_model_get_n_items (G_LIST_MODEL (list));
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);
  unsigned head = 0;
  unsigned tail = 0;

  for (size_t i = 0; i < n_new; i++)
    {
      g_autoptr (GVariant) members = g_variant_get_child_value (array, i);

      g_ptr_array_add (fresh, weir_record_new (members));
    }

  for (; head < MIN (n_old, fresh->len); head++)
    {
      g_autoptr (WeirRecord) old = g_list_model_get_item (G_LIST_MODEL (list), head);

      if (!g_variant_equal (old->members, ((WeirRecord *)fresh->pdata[head])->members))
        break;
    }
  for (; tail < MIN (n_old, fresh->len) - head; tail++)
    {
      g_autoptr (WeirRecord) old
          = g_list_model_get_item (G_LIST_MODEL (list), n_old - 1 - tail);
      WeirRecord *now = fresh->pdata[fresh->len - 1 - tail];

      if (!g_variant_equal (old->members, now->members))
        break;
    }
  if (n_old == fresh->len && head == n_old)
    return;
  /* an array of nothing has no place to point into */
  g_list_store_splice (list, head, n_old - head - tail,
                       fresh->len > 0 ? fresh->pdata + head : NULL,
                       fresh->len - head - tail);
}

GListStore *
weir_record_list_new (GVariant *array)
{
  GListStore *list = g_list_store_new (WEIR_TYPE_RECORD);

  weir_record_list_replace (list, array);
  return list;
}

GVariant *
weir_record_dup_value (WeirRecord *self, const char *name, const char *type)
{
  g_return_val_if_fail (WEIR_IS_RECORD (self), NULL);

  return g_variant_lookup_value (self->members, name, G_VARIANT_TYPE (type));
}

const char *
weir_record_get_text (WeirRecord *self, const char *name)
{
  const char *text = "";

  g_return_val_if_fail (WEIR_IS_RECORD (self), "");

  g_variant_lookup (self->members, name, "&s", &text);
  return text;
}

int64_t
weir_record_get_integer (WeirRecord *self, const char *name)
{
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (WEIR_IS_RECORD (self), 0);

  value = g_variant_lookup_value (self->members, name, NULL);
  if (value == NULL)
    return 0;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return g_variant_get_int64 (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return (int64_t)MIN (g_variant_get_uint64 (value), G_MAXINT64);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    return g_variant_get_uint32 (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT32))
    return g_variant_get_int32 (value);
  return 0;
}

double
weir_record_get_double (WeirRecord *self, const char *name, double unknown)
{
  double value = unknown;

  g_return_val_if_fail (WEIR_IS_RECORD (self), unknown);

  g_variant_lookup (self->members, name, "d", &value);
  return value;
}

gboolean
weir_record_get_truth (WeirRecord *self, const char *name)
{
  gboolean value = FALSE;

  g_return_val_if_fail (WEIR_IS_RECORD (self), FALSE);

  g_variant_lookup (self->members, name, "b", &value);
  return value;
}

GStrv
weir_record_dup_list (WeirRecord *self, const char *name)
{
  GStrv list = NULL;

  g_return_val_if_fail (WEIR_IS_RECORD (self), NULL);

  if (!g_variant_lookup (self->members, name, "^as", &list))
    list = g_new0 (char *, 1);
  return list;
}

GVariant *
weir_record_get_members (WeirRecord *self)
{
  g_return_val_if_fail (WEIR_IS_RECORD (self), NULL);

  return self->members;
}

static void
weir_record_finalize (GObject *object)
{
  WeirRecord *self = WEIR_RECORD (object);

  g_clear_pointer (&self->members, g_variant_unref);
  G_OBJECT_CLASS (weir_record_parent_class)->finalize (object);
}

static void
weir_record_class_init (WeirRecordClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weir_record_finalize;
}

static void
weir_record_init (WeirRecord *self)
{
}
