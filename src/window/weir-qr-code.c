/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The code's squares, by libqrencode where it was there at the build. */

#include "config.h"

#include "window/weir-qr-code.h"

#ifdef WEIR_HAS_QRENCODE
#include <qrencode.h>
#endif

/* The quiet zone that readers need, in squares. */
#define MARGIN 4
#define SQUARE_SIZE 4

struct _WeirQrCode
{
  GtkWidget parent;

  GBytes *squares; /* (owned) (nullable): a byte each, row by row; odd: dark */
  int width;       /* squares in a row */
};

G_DEFINE_FINAL_TYPE (WeirQrCode, weir_qr_code, GTK_TYPE_WIDGET)

gboolean
weir_qr_code_is_available (void)
{
#ifdef WEIR_HAS_QRENCODE
  return TRUE;
#else
  return FALSE;
#endif
}

void
weir_qr_code_set_text (WeirQrCode *self, const char *text)
{
  g_return_if_fail (WEIR_IS_QR_CODE (self));

  g_clear_pointer (&self->squares, g_bytes_unref);
  self->width = 0;
#ifdef WEIR_HAS_QRENCODE
  if (text != NULL && *text != '\0')
    {
      QRcode *code = QRcode_encodeString (text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);

      if (code != NULL)
        {
          self->width = code->width;
          self->squares
              = g_bytes_new (code->data, (size_t)code->width * (size_t)code->width);
          QRcode_free (code);
        }
    }
#endif
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
weir_qr_code_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  WeirQrCode *self = WEIR_QR_CODE (widget);

  *minimum = self->squares != NULL ? (self->width + 2 * MARGIN) * SQUARE_SIZE : 0;
  *natural = *minimum;
}

static void
weir_qr_code_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeirQrCode *self = WEIR_QR_CODE (widget);
  const guint8 *squares;
  GdkRGBA color;

  if (self->squares == NULL)
    return;
  squares = g_bytes_get_data (self->squares, NULL);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  for (int y = 0; y < self->width; y++)
    for (int x = 0; x < self->width; x++)
      if (squares[y * self->width + x] & 1)
        gtk_snapshot_append_color (snapshot, &color,
                                   &GRAPHENE_RECT_INIT ((float)((x + MARGIN) * SQUARE_SIZE),
                                                        (float)((y + MARGIN) * SQUARE_SIZE),
                                                        SQUARE_SIZE, SQUARE_SIZE));
}

static void
weir_qr_code_finalize (GObject *object)
{
  g_clear_pointer (&WEIR_QR_CODE (object)->squares, g_bytes_unref);
  G_OBJECT_CLASS (weir_qr_code_parent_class)->finalize (object);
}

static void
weir_qr_code_class_init (WeirQrCodeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = weir_qr_code_finalize;
  widget_class->measure = weir_qr_code_measure;
  widget_class->snapshot = weir_qr_code_snapshot;
  gtk_widget_class_set_css_name (widget_class, "qrcode");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weir_qr_code_init (WeirQrCode *self)
{
}
