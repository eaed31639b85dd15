/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A folder of one test, and rows told in a line each. */

#include <glib.h>
#include <stdint.h>

#define NOW_REAL_US ((int64_t)1700000000 * G_USEC_PER_SEC)

typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned) of the file */
} Place;

void place_set_up (Place *place, gconstpointer data);
void place_tear_down (Place *place, gconstpointer data);

/* How many files of the folder begin with @prefix. */
unsigned place_count (const Place *place, const char *prefix);

/* (transfer full): the rows, of WeirStateRow, sorted: "table subject part time text\n". */
char *tell_rows (const GPtrArray *rows);

/* Writes @n bytes of noise at @at of the file. */
void scribble (const char *path, long at, size_t n);
