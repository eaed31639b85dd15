/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program with a clock that a test can turn: $WEIR_TEST_CLOCK names a file of eight
 * bytes, a signed number of microseconds in the machine's byte order that both clocks are
 * ahead.  Whoever writes there moves the time of the whole program at once. */

#include "config.h"

#include "app/weir-app.h"
#include "base/weir-clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* NULL: said already. */
static const volatile int64_t *
map_clock (const char *path)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct stat info = { 0 };
  void *cell = MAP_FAILED;

  if (fd >= 0 && fstat (fd, &info) == 0 && info.st_size >= (off_t)sizeof (int64_t))
    cell = mmap (NULL, sizeof (int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (fd >= 0)
    close (fd);
  if (cell != MAP_FAILED)
    return cell;
  fprintf (stderr, "weir-under-test: %s is no file of eight bytes\n", path);
  return NULL;
}

int
main (int argc, char **argv)
{
  const char *path = g_getenv ("WEIR_TEST_CLOCK");
  const volatile int64_t *cell = path != NULL ? map_clock (path) : NULL;

  if (path != NULL && cell == NULL)
    return WEIR_EXIT_USAGE;
  weir_clock_set_test_offset (cell);
  return weir_app_main (argc, argv);
}
