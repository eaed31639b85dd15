/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model lists and the hedged call that fetches them, against servers of the test. */

#include "config.h"

#include "proxy/weir-discovery.h"

#include <glib/gstdio.h>

#include "base/weir-clock.h"
#include "certificates.h"
#include "far-end.h"
#include "proxy/weir-trust.h"
#include "resolver.h"

typedef struct
{
  WeirPoller *poller;
  WeirControlSession *session;
  TestCertificate *ca;
  FarEnd *plain;
  FarEnd *tls;
  FarEnd *elsewhere; /* where a redirect leads */
  unsigned n_requests;
  unsigned status;
  const char *coding; /* (nullable) */
  GString *body;
  GString *seen;     /* paths with queries, a line each */
  int64_t offset_us; /* of the driven clock */
} Fixture;

static const char *
get_page (Fixture *self, const char *path, const char *query)
{
  if (g_str_equal (path, "/anthropic/v1/models") && strstr (query, "after_id=b%26b"))
    return "{\"data\":[{\"id\":\"c\"},{\"id\":\"a\"}],\"has_more\":false,\"last_id\":"
           "\"c\"}";
  if (g_str_equal (path, "/anthropic/v1/models"))
    return "{\"data\":[{\"id\":\"a\"},{\"id\":\"b&b\"}],\"has_more\":true,"
           "\"last_id\":\"b&b\"}";
  if (g_str_equal (path, "/endless/v1/models"))
    {
      g_string_printf (self->body,
                       "{\"data\":[{\"id\":\"m%u\"}],\"has_more\":true,\"last_id\":\"m\"}",
                       self->n_requests);
      return self->body->str;
    }
  if (g_str_equal (path, "/gemini/v1beta/models") && strstr (query, "pageToken=t2"))
    return "{\"models\":[{\"name\":\"models/g2\"}]}";
  if (g_str_equal (path, "/gemini/v1beta/models"))
    return "{\"models\":[{\"name\":\"models/g1\"},{\"name\":\"tunedModels/t\"}],"
           "\"nextPageToken\":\"t2\"}";
  return self->body->str;
}

static char *
respond (const char *head, gpointer data)
{
  Fixture *self = data;
  g_auto (GStrv) words = g_strsplit (head, " ", 3);
  g_auto (GStrv) target = g_strsplit (words[1], "?", 2);
  const char *query = target[1] != NULL ? target[1] : "";
  g_autoptr (GString) answer = g_string_new (NULL);
  const char *page;

  self->n_requests++;
  g_assert_cmpstr (words[0], ==,
                   g_str_has_prefix (words[1], "/v1internal:") ? "POST" : "GET");
  g_assert_true (g_str_has_prefix (words[2], "HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (head, "\r\nAccept-Encoding: identity\r\n"));
  g_assert_nonnull (strstr (head, "\r\nx-api-key: key\r\n"));
  g_assert_null (strstr (head, "Cookie"));
  g_string_append_printf (self->seen, "%s?%s\n", target[0], query);
  page = get_page (self, target[0], query);
  g_string_printf (answer,
                   "HTTP/1.1 %u Some\r\nSet-Cookie: id=1; Path=/\r\n"
                   "Location: http://127.0.0.1:%u/\r\nContent-Length: %zu\r\n",
                   self->status, self->elsewhere->port, strlen (page));
  if (self->coding != NULL)
    g_string_append_printf (answer, "Content-Encoding: %s\r\n", self->coding);
  g_string_append_printf (answer, "\r\n%s", page);
  return g_string_free (g_steal_pointer (&answer), FALSE);
}

static void
setup (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirTrust) trust = NULL;
  g_autoptr (TestCertificate) own = NULL;
  g_autofree char *ca_file = NULL;
  g_autoptr (GError) error = NULL;

  weir_clock_set_test_offset (&self->offset_us);
  self->ca = test_certificate_new (
      &(TestCertificateRequest){ .name = "Test Authority", .is_ca = TRUE });
  own = test_certificate_new (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  ca_file = test_certificate_write (self->ca);
  trust = weir_trust_new (ca_file, &error);
  g_assert_no_error (error);
  g_remove (ca_file);
  self->poller = weir_poller_new (NULL);
  self->session = weir_control_session_new (self->poller, G_TLS_DATABASE (trust));
  self->status = 200;
  self->body = g_string_new ("{\"data\":[]}");
  self->seen = g_string_new (NULL);
  self->plain = far_end_new (FAR_END_RESPOND, NULL);
  self->tls = far_end_new (FAR_END_RESPOND, test_certificate_export (own));
  self->plain->respond = self->tls->respond = respond;
  self->plain->respond_data = self->tls->respond_data = self;
  self->elsewhere = far_end_new (FAR_END_ECHO, NULL);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (far_end_count_accepted (self->elsewhere), ==, 0);
  weir_control_session_free (self->session);
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  far_end_free (self->plain);
  far_end_free (self->tls);
  far_end_free (self->elsewhere);
  weir_poller_free (self->poller);
  test_certificate_free (self->ca);
  g_string_free (self->body, TRUE);
  g_string_free (self->seen, TRUE);
  weir_clock_set_test_offset (NULL);
}

typedef struct
{
  gboolean called;
  GPtrArray *models;
  GError *error;
} Outcome;

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *self = user_data;

  self->called = TRUE;
  self->models = weir_discovery_fetch_finish (result, &self->error);
}

static const WeirControlField fields[]
    = { { "x-api-key", "key" }, { "User-Agent", "test" }, { NULL, NULL } };

/* Who has no oddities. */
static const WeirProvider plain[WEIR_DIALECT_LAST] = {
  [WEIR_DIALECT_OPENAI_CHAT] = { .dialect = WEIR_DIALECT_OPENAI_CHAT },
  [WEIR_DIALECT_ANTHROPIC] = { .dialect = WEIR_DIALECT_ANTHROPIC },
  [WEIR_DIALECT_GEMINI] = { .dialect = WEIR_DIALECT_GEMINI },
};

static void
start (Fixture *self,
       const char *url,
       WeirDialect dialect,
       GCancellable *cancellable,
       Outcome *outcome)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirTarget) target = weir_target_new (url, "direct", NULL, &error);

  g_assert_no_error (error);
  weir_discovery_fetch_async (self->session, target, &plain[dialect], NULL, fields,
                              cancellable, fetched_cb, outcome);
}

static void
wait_for (const gboolean *flag)
{
  int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!*flag && g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (*flag);
}

static GPtrArray *
fetch_url (Fixture *self, const char *url, WeirDialect dialect, GError **error)
{
  Outcome outcome = { 0 };

  start (self, url, dialect, NULL, &outcome);
  g_assert_false (outcome.called);
  wait_for (&outcome.called);
  g_assert_true ((outcome.models == NULL) != (outcome.error == NULL));
  if (outcome.error != NULL)
    {
      g_test_message ("%s", outcome.error->message);
      g_propagate_error (error, outcome.error);
    }
  return outcome.models;
}

static GPtrArray *
fetch (Fixture *self, const char *path, WeirDialect dialect, GError **error)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", self->plain->port, path);

  return fetch_url (self, url, dialect, error);
}

static void
assert_models (GPtrArray *models, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_nonnull (models);
  for (unsigned i = 0; i < models->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            ((const WeirOffered *)g_ptr_array_index (models, i))->id);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
assert_fails (Fixture *self, WeirError code, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fetch (self, "/v1", WEIR_DIALECT_OPENAI_CHAT, &error));
  g_assert_error (error, WEIR_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_three_shapes (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) openai = NULL;
  g_autoptr (GPtrArray) anthropic = NULL;
  g_autoptr (GPtrArray) gemini = NULL;

  g_string_assign (self->body,
                   "{\"object\":\"list\",\"data\":[{\"id\":\"x\",\"object\":\"model\"},"
                   "{\"id\":\"y\",\"deep\":[[[{\"id\":\"no\"}]]]}]}");
  openai = fetch (self, "/v1", WEIR_DIALECT_OPENAI_CHAT, NULL);
  anthropic = fetch (self, "/anthropic", WEIR_DIALECT_ANTHROPIC, NULL);
  gemini = fetch (self, "/gemini", WEIR_DIALECT_GEMINI, NULL);
  assert_models (openai, "x y");
  assert_models (anthropic, "a b&b c");
  assert_models (gemini, "g1 tunedModels/t g2");
  g_assert_cmpstr (self->seen->str, ==,
                   "/v1/models?\n"
                   "/anthropic/v1/models?limit=1000\n"
                   "/anthropic/v1/models?limit=1000&after_id=b%26b\n"
                   "/gemini/v1beta/models?pageSize=1000\n"
                   "/gemini/v1beta/models?pageSize=1000&pageToken=t2\n");
}

/* What @provider is found to offer by @text. */
static GPtrArray *
read_list (const char *provider, const char *text)
{
  const WeirProvider *row = weir_provider_lookup_account (provider);
  g_autoptr (GBytes) page = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autofree char *next = NULL;
  GPtrArray *models = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_offered_free);

  if (g_str_equal (provider, "copilot-responses"))
    row = weir_provider_lookup_account ("copilot")->beside;
  g_assert_true (weir_discovery_read_page (row, page, models, &next, &error));
  g_assert_no_error (error);
  g_assert_null (next);
  return models;
}

/* Each model is offered at one endpoint, and those that are not for choosing at none. */
static void
test_endpoints (Fixture *self, gconstpointer data)
{
  static const char list[]
      = "{\"data\":["
        "{\"id\":\"gpt-4.1\",\"model_picker_enabled\":true,\"capabilities\":{\"limits\":"
        "{\"max_context_window_tokens\":111000}}},"
        "{\"id\":\"embed\",\"model_picker_enabled\":false},"
        "{\"id\":\"gpt-5.2\",\"supported_endpoints\":[\"/chat/completions\",\"/"
        "responses\"]},"
        "{\"id\":\"gpt-5.4-pro\",\"supported_endpoints\":[\"/responses\",\"ws:/"
        "responses\"]},"
        "{\"id\":\"gpt-5.3-codex\",\"supported_endpoints\":[\"/responses\"]},"
        "{\"id\":\"gpt-5-codex\"},"
        "{\"id\":\"odd\",\"supported_endpoints\":7},"
        "{\"id\":\"claude-x\",\"supported_endpoints\":[\"/v1/messages\"]}]}";
  g_autoptr (GPtrArray) chat = read_list ("copilot", list);
  g_autoptr (GPtrArray) responses = read_list ("copilot-responses", list);
  g_autoptr (GPtrArray) kimi = read_list ("kimi", list);

  assert_models (chat, "gpt-4.1 gpt-5.2 gpt-5-codex");
  assert_models (responses, "gpt-5.4-pro gpt-5.3-codex gpt-5-codex");
  g_assert_cmpuint (kimi->len, ==, 8);
  g_assert_cmpuint (((const WeirOffered *)g_ptr_array_index (chat, 0))->context_length, ==,
                    111000);
}

static void
test_project_lists (Fixture *self, gconstpointer data)
{
  static const char list[]
      = "{\"models\":{\"gemini-3-pro-high\":{\"displayName\":\"Gemini 3 Pro (High)\","
        "\"quotaInfo\":{\"remainingFraction\":1}},\"claude-sonnet-4-6\":{},"
        "\"tab_flash\":{},\"chat_20706\":{},\"gemini-odd\":7}}";
  g_autoptr (GPtrArray) models = read_list ("antigravity", list);
  g_autoptr (GPtrArray) none = NULL;
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", self->plain->port);
  g_autoptr (WeirTarget) target = weir_target_new (url, "direct", NULL, NULL);
  Outcome outcome = { 0 };

  assert_models (models, "gemini-3-pro-high claude-sonnet-4-6");
  g_string_assign (self->body, list);
  weir_discovery_fetch_async (self->session, target,
                              weir_provider_lookup_account ("antigravity"), "a\"b", fields,
                              NULL, fetched_cb, &outcome);
  wait_for (&outcome.called);
  g_assert_no_error (outcome.error);
  none = outcome.models;
  assert_models (none, "gemini-3-pro-high claude-sonnet-4-6");
  g_assert_nonnull (strstr (self->seen->str, "/v1internal:fetchAvailableModels"));
}

static void
test_pages_are_capped (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) models = fetch (self, "/endless", WEIR_DIALECT_ANTHROPIC, NULL);

  assert_models (models, "m1 m2 m3 m4 m5");
}

static void
test_names_are_cleaned (Fixture *self, gconstpointer data)
{
  g_autofree char *limit = g_strnfill (256, 'l');
  g_autofree char *over = g_strnfill (257, 'o');
  g_autofree char *huge = g_strnfill (1 << 20, 'h');
  g_autofree char *expected = g_strconcat ("ok ", limit, " gr\xc3\xbc\xc3\x9f", NULL);
  g_autoptr (GPtrArray) models = NULL;

  g_string_printf (self->body,
                   "{\"data\":[{\"id\":\"ok\"},{\"id\":\"\"},{\"id\":\"a\\u0000b\"},"
                   "{\"id\":\"a\\nb\"},{\"id\":\"\\u001b[31m\"},{\"id\":\"a\\u202eb\"},"
                   "{\"id\":\"%s\"},{\"id\":\"%s\"},{\"id\":\"%s\"},{\"id\":7},{},[],null,"
                   "{\"id\":\"ok\"},{\"id\":\"gr\\u00fc\xc3\x9f\"}]}",
                   limit, over, huge);
  models = fetch (self, "/v1", WEIR_DIALECT_OPENAI_RESPONSES, NULL);
  assert_models (models, expected);
}

static void
test_many_models_are_capped (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) models = NULL;

  g_string_assign (self->body, "{\"data\":[{\"id\":\"m\"}");
  for (unsigned i = 0; i < 20000; i++)
    g_string_append_printf (self->body, ",{\"id\":\"model-%u\"}", i);
  g_string_append (self->body, "]}");
  models = fetch (self, "/v1", WEIR_DIALECT_OPENAI_CHAT, NULL);
  g_assert_cmpuint (models->len, ==, WEIR_DISCOVERY_MODELS_MAX);
}

static void
test_broken_lists (Fixture *self, gconstpointer data)
{
  static const char *const bodies[] = { "",
                                        "null",
                                        "[]",
                                        "{}",
                                        "{\"data\":{}}",
                                        "{\"data\":[",
                                        "<html>",
                                        "{\"data\":null}",
                                        "{\"data\":[]} x" };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_string_assign (self->body, bodies[i]);
      assert_fails (self, WEIR_ERROR_BAD_UPSTREAM, "the model list");
    }
  self->status = 401;
  assert_fails (self, WEIR_ERROR_BAD_UPSTREAM, "401");
  self->status = 500;
  assert_fails (self, WEIR_ERROR_BAD_UPSTREAM, "500");
}

static void
test_redirects (Fixture *self, gconstpointer data)
{
  static const unsigned statuses[] = { 301, 302, 303, 307, 308 };

  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      self->status = statuses[i];
      assert_fails (self, WEIR_ERROR_BAD_UPSTREAM, "answered 30");
    }
  g_assert_cmpuint (self->n_requests, ==, G_N_ELEMENTS (statuses));
}

static void
test_coded_and_long (Fixture *self, gconstpointer data)
{
  g_autofree char *blanks = g_strnfill (WEIR_CONTROL_BODY_MAX + 1, ' ');

  self->coding = "gzip";
  assert_fails (self, WEIR_ERROR_BAD_UPSTREAM, "coded");
  self->coding = NULL;
  g_string_assign (self->body, blanks);
  assert_fails (self, WEIR_ERROR_BAD_UPSTREAM, "too long");
}

static void
test_tls (Fixture *self, gconstpointer data)
{
  g_autofree char *right = g_strdup_printf ("https://vendor.test:%u/v1", self->tls->port);
  g_autofree char *wrong = g_strdup_printf ("https://127.0.0.1:%u/v1", self->tls->port);
  g_autoptr (TestCertificate) alone
      = test_certificate_new (&(TestCertificateRequest){ .name = "vendor.test" });
  g_autoptr (FarEnd) stranger = far_end_new (FAR_END_ECHO, test_certificate_export (alone));
  g_autofree char *strange = g_strdup_printf ("https://vendor.test:%u", stranger->port);
  g_autoptr (GPtrArray) models = NULL;
  g_autoptr (GError) error = NULL;

  g_string_assign (self->body, "{\"data\":[{\"id\":\"x\"}]}");
  models = fetch_url (self, right, WEIR_DIALECT_OPENAI_CHAT, &error);
  g_assert_no_error (error);
  assert_models (models, "x");
  g_assert_null (fetch_url (self, wrong, WEIR_DIALECT_OPENAI_CHAT, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM_TLS);
  g_assert_nonnull (strstr (error->message, "for another name"));
  g_clear_error (&error);
  g_assert_cmpuint (self->n_requests, ==, 1);
  g_assert_null (fetch_url (self, strange, WEIR_DIALECT_OPENAI_CHAT, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM_TLS);
  g_assert_nonnull (strstr (error->message, "self-signed"));
  g_assert_cmpuint (far_end_count_heard (stranger), ==, 0);
}

static void
test_cut (Fixture *self, gconstpointer data)
{
  static const char *const scripts[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"data\":[]}",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"data\":[\r\n",
    "HTTP/1.1 200 OK\r\n\r\n{\"data\":[",
    "HTTP/1.1 200 OK\r\nContent-Le",
    "",
  };
  g_autoptr (FarEnd) far_end = far_end_new (FAR_END_SCRIPT, NULL);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", far_end->port);

  for (size_t i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (GError) error = NULL;

      far_end->script = scripts[i];
      g_assert_null (fetch_url (self, url, WEIR_DIALECT_OPENAI_CHAT, &error));
      g_assert_cmpint (error->domain, ==, WEIR_ERROR);
    }
  g_assert_cmpuint (far_end_count_accepted (far_end), ==, G_N_ELEMENTS (scripts));
}

static void
test_deadline_and_cancelling (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) far_end = far_end_new (FAR_END_SILENT, NULL);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", far_end->port);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome = { 0 };

  start (self, url, WEIR_DIALECT_OPENAI_CHAT, NULL, &outcome);
  while (far_end_count_heard (far_end) == 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (outcome.called);
  self->offset_us = 31 * WEIR_USEC_PER_SEC;
  wait_for (&outcome.called);
  g_assert_error (outcome.error, WEIR_ERROR, WEIR_ERROR_UPSTREAM_TIMEOUT);
  g_clear_error (&outcome.error);

  outcome.called = FALSE;
  start (self, url, WEIR_DIALECT_OPENAI_CHAT, cancellable, &outcome);
  while (far_end_count_accepted (far_end) < 2)
    g_main_context_iteration (NULL, FALSE);
  g_cancellable_cancel (cancellable);
  wait_for (&outcome.called);
  g_assert_error (outcome.error, WEIR_ERROR, WEIR_ERROR_CANCELLED);
  g_clear_error (&outcome.error);
}

static void
test_addresses (Fixture *self, gconstpointer data)
{
  unsigned port = self->plain->port;
  g_autofree char *forbidden = g_strdup_printf ("http://any.test:%u", port);
  g_autofree char *own = g_strdup_printf ("http://vendor.test:%u", port);
  g_autoptr (GError) error = NULL;

  g_assert_null (fetch_url (self, forbidden, WEIR_DIALECT_OPENAI_CHAT, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM);
  g_clear_error (&error);
  weir_control_session_set_own_port (self->session, (uint16_t)port);
  g_assert_null (fetch_url (self, own, WEIR_DIALECT_OPENAI_CHAT, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_LOOP);
  g_assert_cmpuint (self->n_requests, ==, 0);
}

static void
test_proxy (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) proxy = far_end_new (FAR_END_HTTP_PROXY, NULL);
  g_autofree char *proxy_url = g_strdup_printf ("http://u:p@127.0.0.1:%u", proxy->port);
  g_autoptr (WeirTarget) target
      = weir_target_new ("https://vendor.test/v1", proxy_url, NULL, NULL);
  Outcome outcome = { 0 };

  proxy->backend_port = self->tls->port;
  weir_discovery_fetch_async (self->session, target, &plain[WEIR_DIALECT_OPENAI_CHAT], NULL,
                              fields, NULL, fetched_cb, &outcome);
  wait_for (&outcome.called);
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (outcome.models->len, ==, 0);
  g_assert_true (far_end_saw (proxy, "CONNECT vendor.test:443"));
  g_ptr_array_unref (outcome.models);
}

#define ADD(name, func)                                                                    \
  g_test_add ("/discovery/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  weir_control_session_prepare_process ();
  g_test_init (&argc, &argv, NULL);
  test_resolver_install ();
  ADD ("lists-of-three-shapes-are-read", test_three_shapes);
  ADD ("copilot's-list-says-which-endpoint-serves", test_endpoints);
  ADD ("a-project's-list-is-asked-by-post", test_project_lists);
  ADD ("pages-are-capped", test_pages_are_capped);
  ADD ("names-are-cleaned", test_names_are_cleaned);
  ADD ("twenty-thousand-models-are-capped", test_many_models_are_capped);
  ADD ("broken-lists-are-told-apart-from-empty-ones", test_broken_lists);
  ADD ("redirects-are-not-followed", test_redirects);
  ADD ("coded-and-long-answers-are-refused", test_coded_and_long);
  ADD ("certificates-are-checked-by-the-shared-store", test_tls);
  ADD ("an-answer-that-was-cut-is-no-list", test_cut);
  ADD ("a-call-ends-at-its-deadline-and-when-cancelled", test_deadline_and_cancelling);
  ADD ("a-proxy-carries-it", test_proxy);
  ADD ("addresses-are-judged-here-too", test_addresses);
  return g_test_run ();
}
