/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole pixels only: at 16 of them an edge between two is mud.  The picture is laid out in
 * sixteenths and each line is as thick as a sixteenth, at least one pixel.  Every state has
 * its own shape; colour only repeats what the shape says. */

#include "config.h"

#include "tray/weir-tray-pixmap.h"

#include <string.h>

#define RED 0xffe01b24u
#define AMBER 0xffe5a50au

typedef struct
{
  uint32_t *pixels; /* (unowned) */
  int size;
  int unit; /* a line's thickness */
  uint32_t ink;
  uint32_t paper; /* of the edge */
} Canvas;

typedef struct
{
  int x;
  int y;
  int width;
  int height;
} Box;

/* @sixteenths of the picture's side, in pixels. */
static int
scale (const Canvas *canvas, int sixteenths)
{
  return (sixteenths * canvas->size + 8) / 16;
}

static void
put (const Canvas *canvas, int x, int y, uint32_t colour)
{
  if (x >= 0 && y >= 0 && x < canvas->size && y < canvas->size)
    canvas->pixels[y * canvas->size + x] = colour;
}

static void
fill (const Canvas *canvas, Box box, uint32_t colour)
{
  for (int y = box.y; y < box.y + box.height; y++)
    for (int x = box.x; x < box.x + box.width; x++)
      put (canvas, x, y, colour);
}

static Box
shrink (Box box, int by)
{
  return (Box){ box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by };
}

/* Every other diagonal, at half strength. */
static void
hatch (const Canvas *canvas, Box box)
{
  const uint32_t half = (canvas->ink & 0x00ffffffu) | 0x80000000u;

  for (int y = box.y; y < box.y + box.height; y++)
    for (int x = box.x; x < box.x + box.width; x++)
      put (canvas, x, y, (x + y) / canvas->unit % 3 == 0 ? 0 : half);
}

/* A frame of which @left (tenths of a percent; below 0: nothing) is filled. */
static void
draw_bar (const Canvas *canvas, Box box, int left, gboolean is_stale)
{
  Box inner = shrink (box, canvas->unit);

  fill (canvas, box, canvas->ink);
  fill (canvas, inner, 0);
  if (left < 0)
    return;
  inner.width = left == 0 ? 0 : MAX (1, inner.width * left / 1000);
  if (is_stale)
    hatch (canvas, inner);
  else
    fill (canvas, inner, canvas->ink);
}

/* Both bars open to the right, in a step. */
static void
draw_notch (const Canvas *canvas)
{
  const int depth = scale (canvas, 4);
  const int middle = canvas->size / 2;

  for (int y = 0; y < canvas->size; y++)
    {
      const int reach = depth - (y > middle ? y - middle : middle - y) * depth / middle;

      for (int x = canvas->size - reach - canvas->unit; x < canvas->size; x++)
        put (canvas, x, y, 0);
    }
  fill (canvas,
        (Box){ scale (canvas, 14), scale (canvas, 4), 2 * canvas->unit, scale (canvas, 5) },
        AMBER);
  fill (canvas,
        (Box){ scale (canvas, 14), scale (canvas, 11), 2 * canvas->unit, 2 * canvas->unit },
        AMBER);
}

/* Rows of a triangle that stands on the box's lower edge. */
static void
draw_triangle (const Canvas *canvas, Box box, uint32_t colour)
{
  for (int y = 0; y < box.height; y++)
    {
      const int width = MAX (1, box.width * (y + 1) / box.height);

      fill (canvas, (Box){ box.x + (box.width - width) / 2, box.y + y, width, 1 }, colour);
    }
}

static void
draw_attention (const Canvas *canvas)
{
  const int side = scale (canvas, 9);
  const int at = canvas->size - side;
  const int stem = MAX (1, scale (canvas, 1));
  const int middle = at + (side - stem) / 2;

  draw_triangle (canvas,
                 (Box){ at - 2 * canvas->unit, at - 3 * canvas->unit,
                        side + 4 * canvas->unit, side + 3 * canvas->unit },
                 0);
  draw_triangle (canvas, (Box){ at, at, side, side }, RED);
  fill (canvas, (Box){ middle, at + side / 3, stem, side / 3 }, 0xffffffffu);
  fill (canvas, (Box){ middle, canvas->size - 2 * stem, stem, stem }, 0xffffffffu);
}

static void
draw_dot (const Canvas *canvas)
{
  const int side = scale (canvas, 6);
  const int from = canvas->size - side;
  const Box behind = { from - canvas->unit, from - canvas->unit, side * 2, side * 2 };

  fill (canvas, behind, 0);
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      {
        const int dx = 2 * x + 1 - side;
        const int dy = 2 * y + 1 - side;

        if (dx * dx + dy * dy <= side * side)
          put (canvas, from + x, from + y, canvas->ink);
      }
}

static void
draw_cross (const Canvas *canvas)
{
  for (int i = 0; i < canvas->size; i++)
    {
      for (int d = -2 * canvas->unit; d <= 2 * canvas->unit; d++)
        put (canvas, i + d, canvas->size - 1 - i, 0);
      for (int d = -(canvas->unit / 2); d < canvas->unit - canvas->unit / 2 + 1; d++)
        put (canvas, i + d, canvas->size - 1 - i, canvas->ink);
    }
}

static void
draw_lock (const Canvas *canvas)
{
  const int width = scale (canvas, 7);
  const int height = scale (canvas, 5);
  const Box body = { canvas->size - width, canvas->size - height, width, height };
  const Box shackle = { body.x + canvas->unit, body.y - scale (canvas, 4),
                        width - 2 * canvas->unit, scale (canvas, 4) };

  fill (
      canvas,
      (Box){ body.x - canvas->unit, shackle.y - canvas->unit, canvas->size, canvas->size },
      0);
  fill (canvas, shackle, canvas->ink);
  fill (canvas,
        (Box){ shackle.x + canvas->unit, shackle.y + canvas->unit,
               shackle.width - 2 * canvas->unit, shackle.height },
        0);
  fill (canvas, body, canvas->ink);
}

/* A thin edge of the other tone around the whole, where the guess about the panel is wrong.
 */
static void
draw_edge (const Canvas *canvas)
{
  const int n = canvas->size;

  for (int y = 0; y < n; y++)
    for (int x = 0; x < n; x++)
      {
        const gboolean is_beside
            = (x > 0 && canvas->pixels[y * n + x - 1] >> 24 == 0xff)
              || (x < n - 1 && canvas->pixels[y * n + x + 1] >> 24 == 0xff)
              || (y > 0 && canvas->pixels[(y - 1) * n + x] >> 24 == 0xff)
              || (y < n - 1 && canvas->pixels[(y + 1) * n + x] >> 24 == 0xff);

        if (is_beside && canvas->pixels[y * n + x] == 0)
          canvas->pixels[y * n + x] = canvas->paper;
      }
}

void
weir_tray_pixmap_draw (const WeirTrayIcon *icon,
                       WeirTrayTone tone,
                       unsigned size,
                       uint32_t *out)
{
  static const struct
  {
    uint32_t ink;
    uint32_t paper;
  } colours[] = {
    [WEIR_TRAY_TONE_MIDDLE] = { 0xff858585u, 0 },
    [WEIR_TRAY_TONE_LIGHT] = { 0xfff6f5f4u, 0x60241f31u },
    [WEIR_TRAY_TONE_DARK] = { 0xff241f31u, 0x60f6f5f4u },
  };
  const Canvas canvas = { .pixels = out,
                          .size = (int)size,
                          .unit = MAX (1, (int)size / 16),
                          .ink = colours[tone].ink,
                          .paper = colours[tone].paper };
  const int height = scale (&canvas, 5);
  const int width = canvas.size - 2 * canvas.unit;
  const Box upper = { canvas.unit, scale (&canvas, 2), width, height };
  const Box lower
      = { canvas.unit, canvas.size - scale (&canvas, 2) - height, width, height };

  G_STATIC_ASSERT (G_N_ELEMENTS (colours) == WEIR_TRAY_TONE_LAST);
  g_return_if_fail (size >= 16 && size <= WEIR_TRAY_PIXMAP_SIZE_MAX);
  memset (out, 0, sizeof *out * size * size);
  draw_bar (&canvas, upper, icon->upper, icon->is_stale);
  draw_bar (&canvas, lower, icon->lower, icon->is_stale);
  switch (icon->kind)
    {
    case WEIR_TRAY_ICON_WARNING:
      draw_notch (&canvas);
      break;
    case WEIR_TRAY_ICON_ATTENTION:
      draw_attention (&canvas);
      break;
    case WEIR_TRAY_ICON_NO_ACCOUNT:
      draw_dot (&canvas);
      break;
    case WEIR_TRAY_ICON_OFFLINE:
      draw_cross (&canvas);
      break;
    case WEIR_TRAY_ICON_LOCKED:
      draw_lock (&canvas);
      break;
    case WEIR_TRAY_ICON_STOPPED:
    case WEIR_TRAY_ICON_RUNNING:
    case WEIR_TRAY_ICON_LAST:
      break;
    }
  draw_edge (&canvas);
}

GVariant *
weir_tray_pixmap_pack (const WeirTrayIcon *icon, WeirTrayTone tone)
{
  static const unsigned sizes[] = { 16, 22, 24, 32, 48, 64 };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(iiay)"));
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const unsigned n = sizes[i] * sizes[i];
      g_autofree uint32_t *pixels = g_new (uint32_t, n);

      weir_tray_pixmap_draw (icon, tone, sizes[i], pixels);
      for (unsigned p = 0; p < n; p++)
        pixels[p] = GUINT32_TO_BE (pixels[p]);
      g_variant_builder_add (
          &builder, "(ii@ay)", sizes[i], sizes[i],
          g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, pixels, n * 4, 1));
    }
  return g_variant_builder_end (&builder);
}
