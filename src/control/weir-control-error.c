/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How errors are called on the bus, and what a user reads of them. */

#include "config.h"

#include "control/weir-control-private.h"

#define PREFIX "io.github.weirproxy.Weir1.Error."

/* The names that callers know. */
typedef enum
{
  NAME_FAILED,
  NAME_NOT_FOUND,
  NAME_BUSY,
  NAME_REFUSED,
  NAME_BAD_REQUEST,
  NAME_UNSUPPORTED,
  NAME_LAST,
} Name;

static const GDBusErrorEntry entries[] = {
  { NAME_FAILED, PREFIX "Failed" },
  { NAME_NOT_FOUND, PREFIX "NotFound" },
  { NAME_BUSY, PREFIX "Busy" },
  { NAME_REFUSED, PREFIX "Refused" },
  { NAME_BAD_REQUEST, PREFIX "BadRequest" },
  { NAME_UNSUPPORTED, PREFIX "Unsupported" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (entries) == NAME_LAST);

/* Those that are not here have failed. */
static const struct
{
  WeirError code;
  Name name;
} names[] = {
  { WEIR_ERROR_BAD_REQUEST, NAME_BAD_REQUEST },
  { WEIR_ERROR_BAD_JSON, NAME_BAD_REQUEST },
  { WEIR_ERROR_CONFIG, NAME_BAD_REQUEST },
  { WEIR_ERROR_TOO_LARGE, NAME_BAD_REQUEST },
  { WEIR_ERROR_NOT_FOUND, NAME_NOT_FOUND },
  { WEIR_ERROR_MODEL_NOT_FOUND, NAME_NOT_FOUND },
  { WEIR_ERROR_OVERLOADED, NAME_BUSY },
  { WEIR_ERROR_LIMITED, NAME_BUSY },
  { WEIR_ERROR_FORBIDDEN, NAME_REFUSED },
  { WEIR_ERROR_UNAUTHORIZED, NAME_REFUSED },
  { WEIR_ERROR_UNSUPPORTED, NAME_UNSUPPORTED },
  { WEIR_ERROR_NOT_IMPLEMENTED, NAME_UNSUPPORTED },
};

static Name
find_name (const GError *error)
{
  const WeirError code = weir_error_get_code (error);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].code == code)
      return names[i].name;
  return NAME_FAILED;
}

const char *
weir_control_error_get_name (const GError *error)
{
  return entries[find_name (error)].dbus_error_name;
}

/* GDBus writes errors of this domain by the names above. */
static GQuark
get_quark (void)
{
  static gsize quark;

  g_dbus_error_register_error_domain ("weir-control-error", &quark, entries,
                                      G_N_ELEMENTS (entries));
  return (GQuark)quark;
}

GError *
weir_control_error_new (const GError *error)
{
  g_autofree char *sentence = weir_control_error_dup_sentence (error);

  return g_error_new_literal (get_quark (), find_name (error), sentence);
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
  g_dbus_method_invocation_take_error (call, weir_control_error_new (error));
}
