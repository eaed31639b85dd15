/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A box whose children stand in a line, and in more lines where one is too short.  What is
 * left of a line goes to its children that expand.  (libadwaita has one from 1.7 on.) */

#include <gtk/gtk.h>

#define WEIR_TYPE_WRAP_BOX (weir_wrap_box_get_type ())
G_DECLARE_FINAL_TYPE (WeirWrapBox, weir_wrap_box, WEIR, WRAP_BOX, GtkWidget)
