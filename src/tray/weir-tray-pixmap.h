/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The tray's icon in pixels, for hosts that draw no icon by name, and for what no name can
 * say: how much is left.  Pure. */

#include "tray/weir-tray-face.h"

#define WEIR_TRAY_PIXMAP_SIZE_MAX 64

/* What the panel is like; hosts do not say it. */
typedef enum
{
  WEIR_TRAY_TONE_MIDDLE, /* for a panel that nobody knows: grey */
  WEIR_TRAY_TONE_LIGHT,  /* for a dark panel */
  WEIR_TRAY_TONE_DARK,   /* for a light one */
  WEIR_TRAY_TONE_LAST,
} WeirTrayTone;

/* @out has room for @size * @size pixels (@size: 16 to WEIR_TRAY_PIXMAP_SIZE_MAX), each
 * 0xAARRGGBB with its colour not multiplied by its alpha. */
void weir_tray_pixmap_draw (const WeirTrayIcon *icon,
                            WeirTrayTone tone,
                            unsigned size,
                            uint32_t *out);

/* (transfer floating): all sizes, as IconPixmap has them: a(iiay), most significant byte
 * first. */
GVariant *weir_tray_pixmap_pack (const WeirTrayIcon *icon, WeirTrayTone tone);
