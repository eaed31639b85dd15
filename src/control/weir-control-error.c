/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How errors are called on the bus, and what a user reads of them. */

#include "config.h"

#include "control/weir-control-private.h"

#define PREFIX "io.github.weirproxy.Weir1.Error."
#define FAILED PREFIX "Failed"

/* Those that are not here have failed. */
static const struct
{
  WeirError code;
  const char *name;
} names[] = {
  { WEIR_ERROR_BAD_REQUEST, PREFIX "BadRequest" },
  { WEIR_ERROR_BAD_JSON, PREFIX "BadRequest" },
  { WEIR_ERROR_CONFIG, PREFIX "BadRequest" },
  { WEIR_ERROR_TOO_LARGE, PREFIX "BadRequest" },
  { WEIR_ERROR_NOT_FOUND, PREFIX "NotFound" },
  { WEIR_ERROR_MODEL_NOT_FOUND, PREFIX "NotFound" },
  { WEIR_ERROR_OVERLOADED, PREFIX "Busy" },
  { WEIR_ERROR_LIMITED, PREFIX "Busy" },
  { WEIR_ERROR_FORBIDDEN, PREFIX "Refused" },
  { WEIR_ERROR_UNAUTHORIZED, PREFIX "Refused" },
  { WEIR_ERROR_UNSUPPORTED, PREFIX "Unsupported" },
  { WEIR_ERROR_NOT_IMPLEMENTED, PREFIX "Unsupported" },
};

const char *
weir_control_error_get_name (const GError *error)
{
  const WeirError code = weir_error_get_code (error);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].code == code)
      return names[i].name;
  return FAILED;
}

char *
weir_control_error_dup_sentence (const GError *error)
{
  g_autofree char *text = g_strchomp (g_strdup (error->message));
  const size_t length = strlen (text);

  *text = g_ascii_toupper (*text);
  if (length == 0 || strchr (".!?", text[length - 1]) != NULL)
    return g_steal_pointer (&text);
  return g_strconcat (text, ".", NULL);
}

void
weir_control_fail (GDBusMethodInvocation *call, const GError *error)
{
  g_autofree char *sentence = weir_control_error_dup_sentence (error);

  g_dbus_method_invocation_return_dbus_error (call, weir_control_error_get_name (error),
                                              sentence);
}
