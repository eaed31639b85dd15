/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two rows of modules in a line of text; dark on light whatever the terminal's colours. */

#include "config.h"

#include "cli/weir-cli-qr.h"

#include <glib.h>

#ifdef WEIR_HAVE_QRENCODE
#include <qrencode.h>
#include <stdio.h>

#define QUIET 2 /* modules around it */

static gboolean
is_dark (const QRcode *code, int x, int y)
{
  return x >= 0 && y >= 0 && x < code->width && y < code->width
         && (code->data[y * code->width + x] & 1) != 0;
}

void
weir_cli_qr_print (const char *text)
{
  /* by upper and lower module: what is drawn is the light */
  static const char *const halves[2][2]
      = { { "\xe2\x96\x88", "\xe2\x96\x80" }, { "\xe2\x96\x84", " " } };
  QRcode *code = QRcode_encodeString (text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);

  if (code == NULL)
    return;
  for (int y = -QUIET; y < code->width + QUIET; y += 2)
    {
      printf ("\033[97;40m");
      for (int x = -QUIET; x < code->width + QUIET; x++)
        printf ("%s", halves[is_dark (code, x, y)][is_dark (code, x, y + 1)]);
      printf ("\033[0m\n");
    }
  QRcode_free (code);
}

#else

void
weir_cli_qr_print (const char *text)
{
}

#endif
