/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program; all of it is in weir-app.c, where the tests can start it as well. */

#include "config.h"

#include "app/weir-app.h"

int
main (int argc, char **argv)
{
  return weir_app_main (argc, argv);
}
