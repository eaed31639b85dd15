/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One a{sv} of the bus as an item of a list.  A member that is not there, or is of another
 * type than asked for, reads as not known. */

#include <gio/gio.h>
#include <stdint.h>

#define WEIR_TYPE_RECORD (weir_record_get_type ())
G_DECLARE_FINAL_TYPE (WeirRecord, weir_record, WEIR, RECORD, GObject)

/* @members: an a{sv}; a floating reference is taken. */
WeirRecord *weir_record_new (GVariant *members);

/* (transfer full): a list of WeirRecord, one for each member of @array, an aa{sv}. */
GListStore *weir_record_list_new (GVariant *array);

/* Puts the members of @array, an aa{sv}, in the place of what @list holds.  Records that
 * say the same as before stay the same objects, so that their rows stay, too. */
void weir_record_list_replace (GListStore *list, GVariant *array);

/* Never NULL; valid as long as the record. */
const char *weir_record_get_text (WeirRecord *self, const char *name);

/* Any of the integer types; 0: not known. */
int64_t weir_record_get_integer (WeirRecord *self, const char *name);

/* @unknown: what to return where it is not known. */
double weir_record_get_double (WeirRecord *self, const char *name, double unknown);

gboolean weir_record_get_truth (WeirRecord *self, const char *name);

/* (transfer full): never NULL, maybe empty. */
GStrv weir_record_dup_list (WeirRecord *self, const char *name);

/* (transfer full) (nullable): the member of that type. */
GVariant *weir_record_dup_value (WeirRecord *self, const char *name, const char *type);

/* The record's own a{sv}. */
GVariant *weir_record_get_members (WeirRecord *self);
