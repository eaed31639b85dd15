/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The icon in pixels: every state has its own shape, and what is left can be counted. */

#include "config.h"

#include "tray/weir-tray-pixmap.h"

#include "tray-fixture.h"

#include <string.h>

static const unsigned sizes[] = { 16, 22, 24, 32, 48, 64 };

/* Where there is ink, whatever its colour. */
static unsigned
draw_shape (const WeirTrayIcon *icon, unsigned size, uint8_t *shape)
{
  g_autofree uint32_t *pixels = g_new (uint32_t, (size_t)size * size);
  unsigned n = 0;

  weir_tray_pixmap_draw (icon, WEIR_TRAY_TONE_LIGHT, size, pixels);
  for (unsigned i = 0; i < size * size; i++)
    {
      shape[i] = pixels[i] >> 24 == 0xff;
      n += shape[i];
    }
  return n;
}

static void
test_shapes (void)
{
  enum
  {
    N = WEIR_TRAY_ICON_LAST
  };
  static uint8_t shapes[N][64 * 64];

  for (unsigned s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      const size_t n = (size_t)sizes[s] * sizes[s];

      for (int kind = 0; kind < N; kind++)
        {
          const gboolean is_live = kind == WEIR_TRAY_ICON_RUNNING
                                   || kind == WEIR_TRAY_ICON_WARNING
                                   || kind == WEIR_TRAY_ICON_ATTENTION;
          const WeirTrayIcon icon
              = { (WeirTrayIconKind)kind, is_live ? 500 : -1, is_live ? 700 : -1, FALSE };

          draw_shape (&icon, sizes[s], shapes[kind]);
          for (int other = 0; other < kind; other++)
            g_assert_cmpint (memcmp (shapes[kind], shapes[other], n), !=, 0);
        }
    }
}

static void
test_fill_grows (void)
{
  static uint8_t shape[64 * 64];

  for (unsigned s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      unsigned before = 0;

      for (int left = 0; left <= 1000; left++)
        {
          const WeirTrayIcon icon = { WEIR_TRAY_ICON_RUNNING, left, left, FALSE };
          const unsigned ink = draw_shape (&icon, sizes[s], shape);

          g_assert_cmpuint (ink, >=, before);
          g_assert_true (left != 1 || ink > before); /* a little is not nothing */
          before = ink;
        }
    }
}

static void
test_packed (void)
{
  const WeirTrayIcon icon = { WEIR_TRAY_ICON_RUNNING, 1000, 1000, FALSE };
  g_autoptr (GVariant) packed
      = g_variant_ref_sink (weir_tray_pixmap_pack (&icon, WEIR_TRAY_TONE_LIGHT));

  g_assert_cmpstr (g_variant_get_type_string (packed), ==, "a(iiay)");
  g_assert_cmpuint (g_variant_n_children (packed), ==, G_N_ELEMENTS (sizes));
  for (unsigned s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (GVariant) bytes = NULL;
      int width = 0;
      int height = 0;
      gsize n = 0;
      const uint8_t *pixels = NULL;

      g_variant_get_child (packed, s, "(ii@ay)", &width, &height, &bytes);
      pixels = g_variant_get_fixed_array (bytes, &n, 1);
      g_assert_cmpint (width, ==, (int)sizes[s]);
      g_assert_cmpint (height, ==, width);
      g_assert_cmpuint (n, ==, sizes[s] * sizes[s] * 4);
      /* in the middle of the upper bar: alpha first */
      pixels += (sizes[s] / 4 * sizes[s] + sizes[s] / 2) * 4;
      g_assert_cmpuint (pixels[0], ==, 0xff);
      g_assert_cmpuint (pixels[1], ==, 0xf6);
      g_assert_cmpuint (pixels[3], ==, 0xf4);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pixmap/every-state-has-its-own-shape", test_shapes);
  g_test_add_func ("/pixmap/more-left-is-never-less-ink", test_fill_grows);
  g_test_add_func ("/pixmap/bytes-are-in-the-order-of-the-network", test_packed);
  return g_test_run ();
}
