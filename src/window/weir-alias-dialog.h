/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Asks for another name of a model, and leads to the configuration with it. */

#include <gtk/gtk.h>

#include "window/weir-client.h"

/* @channel: id of the provider whose accounts serve the model.  @model: a name by
 * weir_alias_is_name. */
void weir_alias_dialog_present (GtkWindow *parent,
                                WeirClient *client,
                                const char *channel,
                                const char *model);
