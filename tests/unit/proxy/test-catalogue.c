/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is asked for a list of models, when again, and what a failure leaves alone. */

#include "config.h"

#include "proxy/weir-catalogue.h"

#include "base/weir-clock.h"
#include "proxy/weir-control-session.h"
#include "far-end.h"

#include <string.h>

#define HOUR_US (3600 * WEIR_USEC_PER_SEC)
#define MINUTE_US (60 * WEIR_USEC_PER_SEC)

/* nobody here has an account */
static const WeirTokenSource no_tokens = { NULL };

typedef struct
{
  WeirPoller *poller;
  WeirUpstream *upstream;
  WeirCatalogue *catalogue;
  FarEnd *vendor;
  volatile int64_t offset_us; /* of the driven clock */

  /* under the far end's lock */
  GString *seen; /* a line a request: path, then the key */
  unsigned n_requests;
  unsigned status;
  const char *names; /* comma between, in quotes */
} Fixture;

static char *
respond (const char *head, gpointer data)
{
  static const char *const key_fields[] = { "\r\nAuthorization: ", "\r\nx-api-key: " };
  Fixture *self = data;
  g_auto (GStrv) words = g_strsplit (head, " ", 3);
  g_auto (GStrv) names = g_strsplit (self->names, ",", -1);
  g_autoptr (GString) list = g_string_new ("{\"data\":[");

  g_assert_cmpstr (words[0], ==, "GET");
  self->n_requests++;
  g_string_append (self->seen, words[1]);
  for (unsigned i = 0; i < G_N_ELEMENTS (key_fields); i++)
    {
      const char *field = strstr (head, key_fields[i]);
      const char *value = field != NULL ? field + strlen (key_fields[i]) : NULL;

      if (value != NULL)
        g_string_append_printf (self->seen, " %.*s", (int)strcspn (value, "\r"), value);
    }
  if (strstr (head, "\r\nanthropic-version: ") != NULL)
    g_string_append (self->seen, " versioned");
  g_string_append_c (self->seen, '\n');
  for (unsigned i = 0; names[i] != NULL; i++)
    g_string_append_printf (list, "%s{\"id\":\"%s\"}", i > 0 ? "," : "", names[i]);
  g_string_append (list, "]}");
  return g_strdup_printf ("HTTP/1.1 %u Some\r\nContent-Length: %zu\r\n\r\n%s", self->status,
                          list->len, list->str);
}

static void
setup (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  weir_clock_set_test_offset (&self->offset_us);
  self->poller = weir_poller_new (NULL);
  self->upstream = weir_upstream_new (self->poller, NULL, &error);
  g_assert_no_error (error);
  self->catalogue = weir_catalogue_new (self->poller, self->upstream, &no_tokens);
  self->seen = g_string_new (NULL);
  self->status = 200;
  self->names = "x-1,x-2";
  self->vendor = far_end_new (FAR_END_RESPOND, NULL);
  self->vendor->respond = respond;
  self->vendor->respond_data = self;
}

static void
turn_for (int64_t real_us)
{
  const int64_t until_us = g_get_monotonic_time () + real_us;

  while (g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

static void
teardown (Fixture *self, gconstpointer data)
{
  weir_catalogue_free (self->catalogue);
  turn_for (20000); /* what was given up ends in the loop */
  far_end_free (self->vendor);
  weir_upstream_free (self->upstream);
  weir_poller_free (self->poller);
  g_string_free (self->seen, TRUE);
  weir_clock_set_test_offset (NULL);
}

/* In @entries PORT stands for @port. */
static WeirRouting *
make_routing (const char *entries, uint16_t port)
{
  g_autofree char *number = g_strdup_printf ("%u", port);
  g_auto (GStrv) parts = g_strsplit (entries, "PORT", -1);
  g_autofree char *filled = g_strjoinv (number, parts);
  g_autofree char *yaml
      = g_strconcat ("allow-unauthenticated: true\nproxy-url: direct\n", filled, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config
      = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);
  WeirRouting *routing;

  g_assert_no_error (error);
  routing = weir_routing_new (config, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return routing;
}

#define CLAUDE "claude-api-key: [{api-key: k-c, base-url: 'http://127.0.0.1:PORT/c'}]\n"

static gboolean
knows (WeirRouting *routing, const char *id)
{
  return weir_models_lookup (routing->models, id) != NULL;
}

static unsigned
count_requests (Fixture *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->vendor->lock);

  return self->n_requests;
}

/* Waits for that many requests, and a little longer for what must not come. */
static void
assert_asked (Fixture *self, unsigned wanted)
{
  const int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (count_requests (self) < wanted && g_get_monotonic_time () < end_us)
    turn_for (1000);
  turn_for (60000);
  g_assert_cmpuint (count_requests (self), ==, wanted);
}

static void
answer_with (Fixture *self, unsigned status, const char *names)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->vendor->lock);

  self->status = status;
  self->names = names;
}

static void
test_only_seats_without_a_list_are_asked (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirRouting) routing
      = make_routing (CLAUDE "codex-api-key: [{api-key: k-o, base-url: "
                             "'http://127.0.0.1:PORT', models: [{name: y}]}]\n",
                      self->vendor->port);

  g_assert_false (knows (routing, "x-1"));
  weir_catalogue_follow (self->catalogue, routing, 1, TRUE);
  assert_asked (self, 1);
  g_assert_cmpstr (self->seen->str, ==, "/c/v1/models?limit=1000 Bearer k-c versioned\n");
  g_assert_true (knows (routing, "x-1"));
  g_assert_true (knows (routing, "x-2"));
  g_assert_true (knows (routing, "y"));
}

static void
test_each_seat_asks_with_its_own_key (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirRouting) routing = make_routing (
      "openai-compatibility: [{name: groq, base-url: 'http://127.0.0.1:PORT/o', "
      "api-key-entries: [{api-key: k-1}, {api-key: k-2}]}]\n",
      self->vendor->port);

  weir_catalogue_follow (self->catalogue, routing, 1, TRUE);
  assert_asked (self, 2);
  g_assert_nonnull (strstr (self->seen->str, "/o/models Bearer k-1\n"));
  g_assert_nonnull (strstr (self->seen->str, "/o/models Bearer k-2\n"));
  g_assert_true (knows (routing, "x-2"));
}

static void
test_it_asks_again_every_three_hours (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirRouting) routing = make_routing (CLAUDE, self->vendor->port);

  weir_catalogue_follow (self->catalogue, routing, 1, TRUE);
  assert_asked (self, 1);
  self->offset_us += 3 * HOUR_US - MINUTE_US;
  assert_asked (self, 1);
  answer_with (self, 200, "x-2,x-3");
  self->offset_us += 2 * MINUTE_US;
  assert_asked (self, 2);
  g_assert_true (knows (routing, "x-3"));
  self->offset_us += 3 * HOUR_US;
  assert_asked (self, 3);
}

static void
test_a_failure_changes_nothing_and_is_tried_again (Fixture *self, gconstpointer data)
{
  static const struct
  {
    unsigned status;
    const char *names;
  } failures[] = { { 500, "x-9" }, { 401, "x-9" }, { 200, "" } };
  g_autoptr (WeirRouting) routing = make_routing (CLAUDE, self->vendor->port);
  unsigned n_asked = 1;

  weir_catalogue_follow (self->catalogue, routing, 1, TRUE);
  assert_asked (self, n_asked);
  self->offset_us += 3 * HOUR_US;
  for (unsigned i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      answer_with (self, failures[i].status, failures[i].names);
      self->offset_us += MINUTE_US;
      assert_asked (self, ++n_asked);
      g_assert_true (knows (routing, "x-1"));
      g_assert_false (knows (routing, "x-9"));
      /* five minutes, then twice as long each time */
      self->offset_us += ((5 << i) - 1) * MINUTE_US - WEIR_USEC_PER_SEC;
      assert_asked (self, n_asked);
    }
  answer_with (self, 200, "x-4");
  self->offset_us += MINUTE_US;
  assert_asked (self, ++n_asked);
  g_assert_true (knows (routing, "x-4"));
  self->offset_us += 2 * HOUR_US;
  assert_asked (self, n_asked);
}

static void
test_another_routing_takes_over (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) silent = far_end_new (FAR_END_SILENT, NULL);
  g_autoptr (WeirRouting) first = make_routing (CLAUDE, silent->port);
  g_autoptr (WeirRouting) second = make_routing (CLAUDE, self->vendor->port);

  weir_catalogue_follow (self->catalogue, first, 1, TRUE);
  for (int i = 0; i < 5000 && far_end_count_accepted (silent) == 0; i++)
    turn_for (1000);
  g_assert_cmpuint (far_end_count_accepted (silent), ==, 1);
  weir_catalogue_follow (self->catalogue, second, 1, TRUE);
  assert_asked (self, 1);
  g_assert_true (knows (second, "x-1"));
  g_assert_false (knows (first, "x-1"));
  /* what was given up is not tried again */
  self->offset_us += 10 * MINUTE_US;
  assert_asked (self, 1);
  g_assert_cmpuint (far_end_count_accepted (silent), ==, 1);

  /* and one that is freed in the middle says nothing more */
  weir_catalogue_follow (self->catalogue, first, 1, TRUE);
  turn_for (60000);
  weir_catalogue_free (g_steal_pointer (&self->catalogue));
  turn_for (20000);
}

static void
test_our_own_port_is_not_asked (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirRouting) routing = make_routing (CLAUDE, self->vendor->port);

  weir_catalogue_follow (self->catalogue, routing, self->vendor->port, TRUE);
  assert_asked (self, 0);
  g_assert_false (knows (routing, "x-1"));
}

#define ADD(name, func)                                                                    \
  g_test_add ("/catalogue/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  weir_control_session_prepare_process ();
  g_test_init (&argc, &argv, NULL);
  ADD ("only-seats-without-a-list-are-asked", test_only_seats_without_a_list_are_asked);
  ADD ("each-seat-asks-with-its-own-key", test_each_seat_asks_with_its_own_key);
  ADD ("it-asks-again-every-three-hours", test_it_asks_again_every_three_hours);
  ADD ("a-failure-changes-nothing-and-is-tried-again",
       test_a_failure_changes_nothing_and_is_tried_again);
  ADD ("another-routing-takes-over", test_another_routing_takes_over);
  ADD ("our-own-port-is-not-asked", test_our_own_port_is_not_asked);
  return g_test_run ();
}
