/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One reading of one allowance of an account: five hours, a week, a month. */

#include <glib.h>
#include <stdint.h>

typedef struct
{
  double used; /* 0 to 1 of the allowance; below 0: not known */
  int64_t
      resets_at_us;  /* in the pool's time; 0: not known, or it begins with the next use */
  int64_t length_us; /* from reset to reset; 0: not known */
  gboolean rejected; /* the vendor says that it refuses because of this one */
} WeirQuotaWindow;
