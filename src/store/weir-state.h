/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the program remembers over a restart: which seats rest, and what the client keys
 * have used.  Kept in one SQLite file by one thread; nobody ever waits for it.  Where the
 * file cannot be used the program goes on without, and says so once.
 *
 * No secret goes in: whom a row is about stands there as a digest. */

#include <glib.h>
#include <stdint.h>

typedef enum
{
  WEIR_STATE_REST,
  WEIR_STATE_LIMIT_WINDOW,
  WEIR_STATE_LAST,
} WeirStateTable;

/* A row is known by table, subject and part.
 *
 *                  REST                       LIMIT_WINDOW
 *   subject        digest of the seat         digest of the key
 *   part           the model; "": all of it   name of the limit
 *   real_us        when the rest ends         when the newest bucket began
 *   text           why (the pool's)           the buckets (the limits')
 */
typedef struct
{
  WeirStateTable table;
  char *subject;   /* (owned) */
  char *part;      /* (owned) */
  int64_t real_us; /* since 1970 */
  char *text;      /* (owned) (nullable): NULL is a row that is removed */
} WeirStateRow;

typedef struct _WeirState WeirState;

typedef struct
{
  /* Once, soon after the start: the rows that are not out of date, of WeirStateRow
   * (transfer none).  Empty where there is no file, or none that can be read. */
  void (*loaded) (const GPtrArray *rows, gpointer user_data);
  /* Something that the user should know: a sentence without a full stop. */
  void (*notice) (const char *text, gpointer user_data);
} WeirStateFuncs;

/* Opens the file in a thread, or makes it with the first row: folder 0700, file 0600.  A
 * broken file, or one of a newer program, is set aside under another name.  @real_us: now;
 * rests that have ended and windows of days ago are dropped.  @funcs are called on the main
 * context that is the thread's default here. */
WeirState *weir_state_new (const char *path,
                           int64_t real_us,
                           const WeirStateFuncs *funcs,
                           gpointer user_data);

/* Waits until the file has been read, at most @most_us, and calls the functions: for a
 * start, while there is nothing else to do. */
void weir_state_wait (WeirState *self, int64_t most_us);

/* Writes what waits, and ends; a file that another program holds or a full disk costs a
 * second at most.  Of the functions only `notice` may be called, and not later. */
void weir_state_free (WeirState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirState, weir_state_free)

/* Remembers a row, in place of the one that is known alike.  Written within a second, with
 * whatever else there is by then. */
void weir_state_put (WeirState *self,
                     WeirStateTable table,
                     const char *subject,
                     const char *part,
                     int64_t real_us,
                     const char *text);
void weir_state_remove (WeirState *self,
                        WeirStateTable table,
                        const char *subject,
                        const char *part);

/* (transfer full): $XDG_STATE_HOME/weir/state.db. */
char *weir_state_dup_default_path (void);
