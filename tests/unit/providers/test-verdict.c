/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every status that a head may have. */

#include "config.h"

#include "providers/weir-verdict.h"

/* What the contract's words mean for a status, said another way than by the table. */
static WeirVerdictAction
expected (unsigned status)
{
  switch (status)
    {
    case 401: /* this key */
    case 402: /* its money */
    case 403: /* its rights */
    case 404: /* its models */
    case 429: /* its rate */
    case 503:
    case 529:
      return WEIR_VERDICT_ROTATE;
    case 408:
      return WEIR_VERDICT_ROTATE_ONCE;
    default:
      break;
    }
  switch (status / 100)
    {
    case 2:
      return WEIR_VERDICT_FINE;
    case 4:
      return WEIR_VERDICT_CLIENT_FAULT;
    case 5:
      return WEIR_VERDICT_ROTATE_ONCE;
    default:
      return WEIR_VERDICT_NONSENSE;
    }
}

static void
test_every_status_has_its_verdict (void)
{
  for (unsigned status = 100; status <= 599; status++)
    {
      if (weir_verdict_of_status (status).action != expected (status))
        g_test_message ("status %u", status);
      g_assert_cmpint (weir_verdict_of_status (status).action, ==, expected (status));
    }
}

static void
test_what_is_no_status_is_nonsense (void)
{
  static const unsigned statuses[] = { 0, 1, 99, 600, 999, 1200, UINT_MAX };

  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    g_assert_cmpint (weir_verdict_of_status (statuses[i]).action, ==,
                     WEIR_VERDICT_NONSENSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verdict/every-status-has-its-verdict",
                   test_every_status_has_its_verdict);
  g_test_add_func ("/verdict/what-is-no-status-is-nonsense",
                   test_what_is_no_status_is_nonsense);
  return g_test_run ();
}
