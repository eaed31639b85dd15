/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The configuration as the text that it is: the service says what is wrong with it while
 * the user writes, and nothing is saved before its difference was seen. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_CONFIG_EDITOR (weir_config_editor_get_type ())
G_DECLARE_FINAL_TYPE (WeirConfigEditor, weir_config_editor, WEIR, CONFIG_EDITOR, AdwWindow)

/* (transfer full) (nullable): @text with a change; NULL where it cannot be made. */
typedef char *(*WeirConfigEdit) (const char *text, gpointer user_data);

/* As below, with the change @edit made already and, as soon as the service has nothing
 * against it, its difference shown: the user needs but say yes.
 * @user_data: is freed by @destroy when the editor goes. */
void weir_config_editor_present_edit (GtkWindow *parent,
                                      WeirClient *client,
                                      WeirConfigEdit edit,
                                      gpointer user_data,
                                      GDestroyNotify destroy);

/* Silent while there is no service: its address of the file is not known then. */
void weir_config_editor_present (GtkWindow *parent, WeirClient *client);
