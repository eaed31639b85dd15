/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Google says of an account's project. */

#include "config.h"

#include "control/weir-project.h"

typedef struct
{
  const char *body;
  const char *wanted; /* "project plan tier", "-": none */
} Case;

static const Case loads[] = {
  { "{\"cloudaicompanionProject\":\"p-1\",\"currentTier\":{\"id\":\"free-tier\"}}",
    "p-1 free-tier -" },
  { "{\"cloudaicompanionProject\":{\"id\":\"p-1\",\"name\":\"x\"}}", "p-1 - -" },
  { "{\"allowedTiers\":[{\"id\":\"a\"},{\"id\":\"b\",\"isDefault\":true},{\"id\":\"c\","
    "\"isDefault\":true}]}",
    "- - b" },
  { "{\"cloudaicompanionProject\":\"\",\"currentTier\":null,\"allowedTiers\":{}}",
    "- - -" },
  { "{\"cloudaicompanionProject\":\"p/../q\"}", "- - -" },
  { "{\"cloudaicompanionProject\":7,\"allowedTiers\":[1,null,[]]}", "- - -" },
  { "[]", "- - -" },
  { "<html>", "- - -" },
  { "", "- - -" },
};

static const char *
show (const char *text)
{
  return text != NULL ? text : "-";
}

static void
test_load (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (loads); i++)
    {
      g_autofree char *project = NULL;
      g_autofree char *plan = NULL;
      g_autofree char *tier = NULL;
      g_autofree char *found = NULL;

      weir_project_read_load (weir_slice_from_string (loads[i].body), &project, &plan,
                              &tier);
      found = g_strdup_printf ("%s %s %s", show (project), show (plan), show (tier));
      g_assert_cmpstr (found, ==, loads[i].wanted);
    }
}

static void
test_onboard (void)
{
  static const struct
  {
    const char *body;
    gboolean is_done;
    const char *project;
  } cases[] = {
    { "{\"done\":true,\"response\":{\"cloudaicompanionProject\":{\"id\":\"p\"}}}", TRUE,
      "p" },
    { "{\"done\":true,\"response\":{\"cloudaicompanionProject\":\"p\"}}", TRUE, "p" },
    { "{\"done\":true}", TRUE, NULL },
    { "{\"done\":false,\"response\":{\"cloudaicompanionProject\":\"p\"}}", FALSE, NULL },
    { "{\"name\":\"operations/x\"}", FALSE, NULL },
    { "null", FALSE, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *project = NULL;

      g_assert_cmpint (
          weir_project_read_onboard (weir_slice_from_string (cases[i].body), &project), ==,
          cases[i].is_done);
      g_assert_cmpstr (project, ==, cases[i].project);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/project/what-an-account-has-is-read", test_load);
  g_test_add_func ("/project/what-it-is-given-is-read", test_onboard);
  return g_test_run ();
}
