/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The models that clients can ask for, to be searched, copied and tested. */

#include "window/weir-page.h"

#define WEIR_TYPE_MODELS_PAGE (weir_models_page_get_type ())
G_DECLARE_FINAL_TYPE (WeirModelsPage, weir_models_page, WEIR, MODELS_PAGE, WeirPage)
