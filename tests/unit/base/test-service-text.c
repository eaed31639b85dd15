/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the service says, in a language that is made here. */

#include "config.h"

#include "base/weir-service-text.h"

static void
assert_same (const char *text)
{
  g_autofree char *shown = weir_service_text_dup (text);

  g_assert_cmpstr (shown, ==, text);
}

/* Without a catalogue every text reads as it came: nothing is lost in taking it apart. */
static void
test_untranslated_stays (void)
{
  static const char *const texts[] = {
    "",
    "Week",
    "5 hours",
    "1 hour",
    "30 days",
    "5 hours of it",
    "Opus",
    "100%s",
    "Its sign-in cannot be read now: the keyring is locked; unlock it.",
    "Its sign-in cannot be read now: %s.",
    "Claude takes this sign-in no longer. Please sign in again.",
    "Signed in to ChatGPT as a…@example.org.",
    "Signed in to ChatGPT.",
    "Port 1455 of this machine, where ChatGPT sends the browser back to, is taken by "
    "another "
    "program. Close that program and begin again, or open the address and paste the one "
    "that "
    "the browser ends up at.",
    "Grok refused the sign-in (access_denied).",
    "Something that nobody knows: 5 hours.",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_same (texts[i]);
}

static void
test_nothing_is_an_empty_text (void)
{
  g_autofree char *shown = weir_service_text_dup (NULL);

  g_assert_cmpstr (shown, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-text/without-a-catalogue-all-reads-as-it-came",
                   test_untranslated_stays);
  g_test_add_func ("/service-text/nothing-is-an-empty-text", test_nothing_is_an_empty_text);
  return g_test_run ();
}
