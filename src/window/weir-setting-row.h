/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A row of the preferences that is a line of the configuration: a switch, a number, a
 * choice or a text, as the service says.  Pages of them are pure XML: title and subtitle
 * say what it is, "key" which one.
 *
 * Properties: "key" (construct only): as Manager.ListSettings says it. */

#include <adwaita.h>

#include "window/weir-record.h"

#define WEIR_TYPE_SETTING_ROW (weir_setting_row_get_type ())
G_DECLARE_FINAL_TYPE (WeirSettingRow, weir_setting_row, WEIR, SETTING_ROW, AdwActionRow)

const char *weir_setting_row_get_key (WeirSettingRow *self);

/* @setting: (nullable): a member of ListSettings; NULL: the service has none of that key,
 * and the row cannot be used.  What the user changes from now on activates the action
 * "preferences.set" with (key, value). */
void weir_setting_row_show (WeirSettingRow *self, WeirRecord *setting);
