/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A model that clients can ask for: its name to copy, who serves it, and a test. */

#include <adwaita.h>

#include "window/weir-client.h"
#include "window/weir-record.h"

#define WEIR_TYPE_MODEL_ROW (weir_model_row_get_type ())
G_DECLARE_FINAL_TYPE (WeirModelRow, weir_model_row, WEIR, MODEL_ROW, AdwActionRow)

/* @model: a member of ListModels.  @is_private: no addresses of accounts. */
GtkWidget *weir_model_row_new (WeirClient *client, WeirRecord *model, gboolean is_private);
