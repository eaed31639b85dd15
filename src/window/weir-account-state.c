/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of the looks of an account's states. */

#include "config.h"

#include "window/weir-account-state.h"

#include <glib/gi18n.h>

/* clang-format off */
static const WeirAccountState states[] = {
  /* state        text                       icon                              class */
  { "ready",     N_ ("Ready"),              "emblem-ok-symbolic",             "success" },
  { "resting",   N_ ("Resting"),            "media-playback-pause-symbolic",  "warning" },
  { "exhausted", N_ ("Used up"),            "battery-empty-symbolic",         "error"   },
  { "disabled",  N_ ("Off"),                "action-unavailable-symbolic",    "dim-label" },
  { "sign-in",   N_ ("Sign-in needed"),     "dialog-warning-symbolic",        "error"   },
  { "locked",    N_ ("Keyring locked"),     "changes-prevent-symbolic",       "warning" },
  { "missing",   N_ ("Saved login is gone"), "dialog-question-symbolic",      "error"   },
};
/* clang-format on */

static const WeirAccountState unknown = {
  .state = "",
  .text = N_ ("Unknown"),
  .icon = "dialog-question-symbolic",
};

const WeirAccountState *
weir_account_state_get (const char *state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (states[i].state, state) == 0)
      return &states[i];
  return &unknown;
}
