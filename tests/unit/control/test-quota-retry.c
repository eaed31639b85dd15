/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A vendor that says how long it wants to be left alone. */

#include "config.h"

#include "quota-fixture.h"

/* Two hours are said, and not even the user's wish is sooner; nonsense, and less than the
 * floor, change nothing. */
static void
test_who_wants_to_be_left_alone_is (QuotaFixture *self, gconstpointer data)
{
  static const char *const nothing[]
      = { "Retry-After: 0\r\n", "Retry-After: -9\r\n", "Retry-After: soon\r\n",
          "Retry-After: 1\r\nRetry-After: 2\r\n", NULL };
  unsigned n = 1;

  quota_fixture_say (self, 429, "{}");
  self->field = "Retry-After: 7200\r\n";
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, n);
  self->offset_us += 119 * MINUTE;
  weir_quota_watch_refresh (self->watch, "claude-1");
  quota_fixture_wait_asked (self, n);
  self->offset_us += 2 * MINUTE;
  quota_fixture_wait_asked (self, ++n);
  self->field = NULL;
  self->offset_us += 121 * MINUTE;
  weir_quota_watch_refresh (self->watch, "claude-1");
  quota_fixture_wait_asked (self, ++n);
  for (size_t i = 0; nothing[i] != NULL; i++)
    {
      self->field = nothing[i];
      self->offset_us += WEIR_QUOTA_FLOOR_US;
      weir_quota_watch_refresh (self->watch, "claude-1");
      quota_fixture_wait_asked (self, ++n);
      self->offset_us += WEIR_QUOTA_FLOOR_US - MINUTE;
      weir_quota_watch_refresh (self->watch, "claude-1");
      quota_fixture_wait_asked (self, n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/quota-retry/who-wants-to-be-left-alone-is", QuotaFixture, NULL,
              quota_fixture_set_up, test_who_wants_to_be_left_alone_is,
              quota_fixture_tear_down);
  return g_test_run ();
}
