/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A sign-in ends once, with tokens or a sentence, whatever comes in whatever order. */

#include "config.h"

#include "accounts/weir-login.h"

#define SECOND ((int64_t)G_USEC_PER_SEC)
#define RANDOM                                                                             \
  WEIR_SLICE ("0123456789abcdef0123456789abcdefghijklmnopqrstuvghijklmnopqrstuv")
#define STATE "Z2hpamtsbW5vcHFyc3R1dmdoaWprbG1ub3BxcnN0dXY"
#define VERIFIER "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
#define TOKENS "{\"access_token\":\"access\",\"refresh_token\":\"refresh\"}"
#define DEVICE                                                                             \
  "{\"device_code\":\"d\",\"device_auth_id\":\"d\",\"user_code\":\"AB-CD\",\"interval\":"  \
  "5,\"expires_in\":900,"                                                                  \
  "\"verification_uri\":\"https://d.example/\"}"

typedef struct
{
  WeirLogin *login; /* (owned) */
  int64_t now_us;
  unsigned ticket; /* of the last request */
  WeirLoginActions actions;
} Fixture;

static void
fixture_clear (Fixture *self)
{
  weir_login_free (self->login);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
begin (Fixture *self, const char *provider, WeirLoginWay way)
{
  WeirOauthClient client = { .row = weir_provider_oauth_lookup (provider) };

  *self = (Fixture){ .now_us = 7 * SECOND };
  self->login = weir_login_new (&client, way, RANDOM, NULL);
  g_assert_nonnull (self->login);
}

static void
handle (Fixture *self, const WeirLoginEvent *event)
{
  weir_login_handle (self->login, event, self->now_us, 0, &self->actions);
  for (unsigned i = 0; i < self->actions.n; i++)
    if (self->actions.items[i].kind == WEIR_LOGIN_SEND)
      self->ticket = self->actions.items[i].ticket;
}

static void
say (Fixture *self, WeirLoginEventKind kind, const char *text)
{
  handle (self, &(WeirLoginEvent){ .kind = kind, .text = weir_slice_from_string (text) });
}

static void
answer (Fixture *self, unsigned status, const char *text)
{
  handle (self, &(WeirLoginEvent){ .kind = WEIR_LOGIN_ANSWERED,
                                   .ticket = self->ticket,
                                   .status = status,
                                   .text = weir_slice_from_string (text) });
}

static const WeirLoginAction *
expect (const Fixture *self, WeirLoginActionKind kind)
{
  for (unsigned i = 0; i < self->actions.n; i++)
    if (self->actions.items[i].kind == kind)
      return &self->actions.items[i];
  g_error ("no action %d among %u", kind, self->actions.n);
}

static gboolean
body_holds (const Fixture *self, const char *text)
{
  WeirSlice body = weir_secret_reveal (expect (self, WEIR_LOGIN_SEND)->request->body);

  return g_strstr_len (body.text, (gssize)body.length, text) != NULL;
}

static void
test_a_browser_brings_tokens (void)
{
  g_auto (Fixture) self = { 0 };
  const WeirLoginAction *action;

  begin (&self, "claude", WEIR_LOGIN_BROWSER);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  action = expect (&self, WEIR_LOGIN_LISTEN);
  g_assert_cmpuint (action->port, ==, 54545);
  g_assert_cmpstr (action->path, ==, "/callback");
  g_assert_cmpint (expect (&self, WEIR_LOGIN_WAIT)->until_us, ==,
                   self.now_us + WEIR_LOGIN_TIMEOUT_US);
  say (&self, WEIR_LOGIN_LISTENING, NULL);
  action = expect (&self, WEIR_LOGIN_OPEN);
  g_assert_nonnull (strstr (action->url, "state=" STATE));
  g_assert_null (strstr (action->url, VERIFIER));
  say (&self, WEIR_LOGIN_REDIRECTED, "/callback?code=C&state=" STATE);
  g_assert_true (body_holds (&self, "\"code\":\"C\""));
  g_assert_true (body_holds (&self, "\"code_verifier\":\"" VERIFIER "\""));
  answer (&self, 200, TOKENS);
  action = expect (&self, WEIR_LOGIN_DONE);
  g_assert_true (weir_slice_equal (weir_secret_reveal (action->tokens->access_token),
                                   WEIR_SLICE ("access")));
  g_assert_null (action->short_lived);
  g_assert_true (weir_login_has_ended (self.login));
  answer (&self, 200, TOKENS);
  g_assert_cmpuint (self.actions.n, ==, 0);
}

static void
test_a_wrong_state_ends_nothing (void)
{
  static const char *const texts[] = { "/callback?code=C&state=x",
                                       "/callback?code=C",
                                       "/callback?code=C&state=",
                                       "/callback?error=access_denied",
                                       "C#x",
                                       "",
                                       ("/other?code=C&state=" STATE) };
  g_auto (Fixture) self = { 0 };

  begin (&self, "claude", WEIR_LOGIN_BROWSER);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  say (&self, WEIR_LOGIN_LISTENING, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      say (&self, WEIR_LOGIN_REDIRECTED, texts[i]);
      g_assert_null (strstr (expect (&self, WEIR_LOGIN_REFUSE)->sentence, STATE));
      g_assert_cmpuint (self.actions.n, ==, 1);
    }
  say (&self, WEIR_LOGIN_PASTED, "C#" STATE);
  expect (&self, WEIR_LOGIN_SEND);
  /* once */
  say (&self, WEIR_LOGIN_REDIRECTED, "/callback?code=C&state=" STATE);
  expect (&self, WEIR_LOGIN_REFUSE);
}

static void
test_a_taken_port_leaves_pasting (void)
{
  g_auto (Fixture) self = { 0 };

  begin (&self, "codex", WEIR_LOGIN_BROWSER);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  say (&self, WEIR_LOGIN_PORT_TAKEN, NULL);
  g_assert_nonnull (strstr (expect (&self, WEIR_LOGIN_SHOW_URL)->sentence, "1455"));
  say (&self, WEIR_LOGIN_PASTED, "http://localhost:1455/auth/callback?code=C&state=" STATE);
  expect (&self, WEIR_LOGIN_SEND);
}

static void
test_a_refusal_ends_it_with_the_vendors_text (void)
{
  g_auto (Fixture) self = { 0 };

  begin (&self, "codex", WEIR_LOGIN_PASTE);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  g_assert_null (expect (&self, WEIR_LOGIN_SHOW_URL)->sentence);
  say (&self, WEIR_LOGIN_PASTED, "error=access_denied&state=" STATE);
  g_assert_cmpstr (expect (&self, WEIR_LOGIN_FAILED)->sentence, ==,
                   "ChatGPT refused the sign-in (access_denied).");
}

static void
test_a_code_is_sent_once_whatever_comes_of_it (void)
{
  static const struct
  {
    unsigned status;
    const char *body;
  } bad[] = { { 0, "" },      { 500, "" },
              { 200, "<p>" }, { 400, "{\"error\":\"invalid_grant\"}" },
              { 302, "" },    { 401, "{\"error\":\"invalid_client\"}" } };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (Fixture) self = { 0 };

      begin (&self, "claude", WEIR_LOGIN_PASTE);
      say (&self, WEIR_LOGIN_STARTED, NULL);
      say (&self, WEIR_LOGIN_PASTED, "SECRETCODE#" STATE);
      answer (&self, bad[i].status, bad[i].body);
      g_assert_null (strstr (expect (&self, WEIR_LOGIN_FAILED)->sentence, "SECRETCODE"));
      g_assert_cmpuint (self.actions.n, ==, 1);
      say (&self, WEIR_LOGIN_PASTED, "SECRETCODE#" STATE);
      g_assert_cmpuint (self.actions.n, ==, 0);
    }
}

static void
test_a_device_polls_at_its_pace (void)
{
  g_auto (Fixture) self = { 0 };

  begin (&self, "kimi", WEIR_LOGIN_DEVICE);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  answer (&self, 200, DEVICE);
  g_assert_cmpstr (expect (&self, WEIR_LOGIN_SHOW_CODE)->code, ==, "AB-CD");
  g_assert_cmpint (expect (&self, WEIR_LOGIN_WAIT)->until_us, ==, self.now_us + 5 * SECOND);
  say (&self, WEIR_LOGIN_TIME, NULL);
  g_assert_cmpint (expect (&self, WEIR_LOGIN_WAIT)->until_us, ==, self.now_us + 5 * SECOND);
  self.now_us += 5 * SECOND;
  say (&self, WEIR_LOGIN_TIME, NULL);
  expect (&self, WEIR_LOGIN_SEND);
  answer (&self, 400, "{\"error\":\"slow_down\"}");
  g_assert_cmpint (expect (&self, WEIR_LOGIN_WAIT)->until_us, ==,
                   self.now_us + 10 * SECOND);
  self.now_us += 10 * SECOND;
  say (&self, WEIR_LOGIN_TIME, NULL);
  answer (&self, 400, "{\"error\":\"authorization_pending\"}");
  g_assert_cmpint (expect (&self, WEIR_LOGIN_WAIT)->until_us, ==,
                   self.now_us + 10 * SECOND);
  self.now_us += 10 * SECOND;
  say (&self, WEIR_LOGIN_TIME, NULL);
  answer (&self, 200, TOKENS);
  expect (&self, WEIR_LOGIN_DONE);
}

static void
test_a_device_may_bring_a_code (void)
{
  g_auto (Fixture) self = { 0 };

  begin (&self, "codex", WEIR_LOGIN_DEVICE);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  answer (&self, 200, "{\"device_auth_id\":\"d\",\"user_code\":\"U\",\"interval\":\"5\"}");
  self.now_us += 5 * SECOND;
  say (&self, WEIR_LOGIN_TIME, NULL);
  answer (&self, 200, "{\"authorization_code\":\"c\",\"code_verifier\":\"theirs\"}");
  g_assert_true (body_holds (&self, "code=c&"));
  g_assert_true (body_holds (&self, "code_verifier=theirs"));
  g_assert_true (body_holds (&self, "deviceauth%2Fcallback"));
  answer (&self, 200, TOKENS);
  expect (&self, WEIR_LOGIN_DONE);
}

static void
poll_copilot (Fixture *self)
{
  begin (self, "copilot", WEIR_LOGIN_DEVICE);
  say (self, WEIR_LOGIN_STARTED, NULL);
  answer (self, 200, DEVICE);
  self->now_us += 5 * SECOND;
  say (self, WEIR_LOGIN_TIME, NULL);
  answer (self, 200, "{\"access_token\":\"gho\",\"token_type\":\"bearer\"}");
  g_assert_nonnull (expect (self, WEIR_LOGIN_SEND)->request->authorization);
}

static void
test_an_exchange_says_whether_there_is_a_plan (void)
{
  g_auto (Fixture) good = { 0 };
  g_auto (Fixture) trouble = { 0 };
  g_auto (Fixture) no_plan = { 0 };

  poll_copilot (&good);
  answer (&good, 200, "{\"token\":\"t\",\"expires_at\":1800}");
  g_assert_cmpint (expect (&good, WEIR_LOGIN_DONE)->short_lived->expires_in_us, ==,
                   1800 * SECOND);
  poll_copilot (&trouble);
  trouble.now_us += 60 * SECOND;
  say (&trouble, WEIR_LOGIN_TIME, NULL);
  g_assert_null (expect (&trouble, WEIR_LOGIN_DONE)->short_lived);
  poll_copilot (&no_plan);
  answer (&no_plan, 404, "");
  g_assert_cmpstr (expect (&no_plan, WEIR_LOGIN_FAILED)->sentence, ==,
                   "GitHub Copilot refused this account.");
}

static void
test_ten_minutes_are_the_users (void)
{
  g_auto (Fixture) self = { 0 };
  g_auto (Fixture) late = { 0 };

  begin (&self, "claude", WEIR_LOGIN_PASTE);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  self.now_us += WEIR_LOGIN_TIMEOUT_US;
  say (&self, WEIR_LOGIN_PASTED, "C#" STATE);
  expect (&self, WEIR_LOGIN_FAILED);
  /* what was redeemed in time is not lost by a slow vendor */
  begin (&late, "claude", WEIR_LOGIN_PASTE);
  say (&late, WEIR_LOGIN_STARTED, NULL);
  late.now_us += WEIR_LOGIN_TIMEOUT_US - 1;
  say (&late, WEIR_LOGIN_PASTED, "C#" STATE);
  late.now_us += 59 * SECOND;
  say (&late, WEIR_LOGIN_TIME, NULL);
  answer (&late, 200, TOKENS);
  expect (&late, WEIR_LOGIN_DONE);
}

static void
test_what_cannot_begin_says_why (void)
{
  static const struct
  {
    const char *provider;
    WeirLoginWay way;
    int code;
  } cases[] = {
    { "qwen", WEIR_LOGIN_DEVICE, WEIR_ERROR_UNSUPPORTED },
    { "iflow", WEIR_LOGIN_BROWSER, WEIR_ERROR_UNSUPPORTED },
    { "kimi", WEIR_LOGIN_BROWSER, WEIR_ERROR_UNSUPPORTED },
    { "claude", WEIR_LOGIN_DEVICE, WEIR_ERROR_UNSUPPORTED },
    { "antigravity", WEIR_LOGIN_BROWSER, WEIR_ERROR_CONFIG },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WeirOauthClient client = { .row = weir_provider_oauth_lookup (cases[i].provider) };
      g_autoptr (GError) error = NULL;

      g_assert_null (weir_login_new (&client, cases[i].way, RANDOM, &error));
      g_assert_error (error, WEIR_ERROR, cases[i].code);
    }
}

static const char *const returned[] = {
  "/callback?code=C&state=" STATE, "C#" STATE,      "C#wrong", "/callback?code=C&state=x",
  "error=access_denied&state=x",   "code=C&code=D", "",
};

static const char *const bodies[] = {
  TOKENS,
  DEVICE,
  "{\"authorization_code\":\"c\",\"code_verifier\":\"v\"}",
  "{\"token\":\"t\"}",
  "{\"error\":\"authorization_pending\"}",
  "{\"error\":\"slow_down\"}",
  "<p>",
};

typedef struct
{
  unsigned n_tokens, n_ends, n_redeems;
  gboolean right; /* our state has been brought */
} Tally;

static void
count (const Fixture *self, gboolean by_browser, Tally *tally)
{
  for (unsigned i = 0; i < self->actions.n; i++)
    {
      const WeirLoginAction *action = &self->actions.items[i];

      tally->n_tokens += action->kind == WEIR_LOGIN_DONE;
      tally->n_ends += action->kind == WEIR_LOGIN_DONE || action->kind == WEIR_LOGIN_FAILED;
      if (action->kind == WEIR_LOGIN_SEND && action->request->body != NULL
          && body_holds (self, "authorization_code"))
        tally->n_redeems++;
      if (by_browser
          && (action->kind == WEIR_LOGIN_SEND || action->kind == WEIR_LOGIN_DONE))
        g_assert_true (tally->right);
    }
  g_assert_cmpuint (tally->n_tokens, <=, 1);
  g_assert_cmpuint (tally->n_ends, <=, 1);
  g_assert_cmpuint (tally->n_redeems, <=, 1);
  if (self->actions.n > 0)
    g_assert_true ((tally->n_ends == 1) == weir_login_has_ended (self->login));
}

/* Answers are many, or no walk would get far. */
static unsigned
pick_kind (void)
{
  int kind = g_test_rand_int_range (0, 2 * WEIR_LOGIN_EVENT_LAST);

  return kind < WEIR_LOGIN_EVENT_LAST ? (unsigned)kind : WEIR_LOGIN_ANSWERED;
}

static unsigned
run_any_order (const char *provider, WeirLoginWay way)
{
  g_auto (Fixture) self = { 0 };
  Tally tally = { 0 };

  begin (&self, provider, way);
  say (&self, WEIR_LOGIN_STARTED, NULL);
  if (way == WEIR_LOGIN_DEVICE && g_test_rand_int_range (0, 2) == 0)
    answer (&self, 200, DEVICE);
  for (unsigned i = 0; i < 40; i++)
    {
      unsigned kind = pick_kind ();
      gboolean is_answer = kind == WEIR_LOGIN_ANSWERED;
      const char *text = is_answer
                             ? bodies[g_test_rand_int_range (0, G_N_ELEMENTS (bodies))]
                             : returned[g_test_rand_int_range (0, G_N_ELEMENTS (returned))];
      WeirLoginEvent event
          = { .kind = kind,
              .ticket = self.ticket - (unsigned)(g_test_rand_int_range (0, 4) == 0),
              .status = g_test_rand_int_range (0, 4) == 0 ? 400 : 200,
              .text = weir_slice_from_string (text) };

      if (kind == WEIR_LOGIN_CANCELLED && g_test_rand_int_range (0, 8) != 0)
        continue;
      if (kind == WEIR_LOGIN_REDIRECTED || kind == WEIR_LOGIN_PASTED)
        tally.right |= strstr (text, STATE) != NULL;
      self.now_us += g_test_rand_int_range (0, 20) * SECOND;
      handle (&self, &event);
      count (&self, way != WEIR_LOGIN_DEVICE, &tally);
    }
  return tally.n_tokens;
}

static void
test_any_order_of_events_ends_at_most_once (void)
{
  static const struct
  {
    const char *provider;
    WeirLoginWay way;
  } cases[] = { { "claude", WEIR_LOGIN_BROWSER },
                { "claude", WEIR_LOGIN_PASTE },
                { "codex", WEIR_LOGIN_DEVICE },
                { "kimi", WEIR_LOGIN_DEVICE },
                { "copilot", WEIR_LOGIN_DEVICE } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      unsigned n_done = 0;

      for (unsigned j = 0; j < 2000; j++)
        n_done += run_any_order (cases[i].provider, cases[i].way);
      g_test_message ("%s: %u", cases[i].provider, n_done);
      g_assert_cmpuint (n_done, >, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/login/a-browser-brings-tokens", test_a_browser_brings_tokens);
  g_test_add_func ("/login/a-wrong-state-ends-nothing", test_a_wrong_state_ends_nothing);
  g_test_add_func ("/login/a-taken-port-leaves-pasting", test_a_taken_port_leaves_pasting);
  g_test_add_func ("/login/a-refusal-ends-it-with-the-vendors-text",
                   test_a_refusal_ends_it_with_the_vendors_text);
  g_test_add_func ("/login/a-code-is-sent-once-whatever-comes-of-it",
                   test_a_code_is_sent_once_whatever_comes_of_it);
  g_test_add_func ("/login/a-device-polls-at-its-pace", test_a_device_polls_at_its_pace);
  g_test_add_func ("/login/a-device-may-bring-a-code", test_a_device_may_bring_a_code);
  g_test_add_func ("/login/an-exchange-says-whether-there-is-a-plan",
                   test_an_exchange_says_whether_there_is_a_plan);
  g_test_add_func ("/login/ten-minutes-are-the-users", test_ten_minutes_are_the_users);
  g_test_add_func ("/login/what-cannot-begin-says-why", test_what_cannot_begin_says_why);
  g_test_add_func ("/login/any-order-of-events-ends-at-most-once",
                   test_any_order_of_events_ends_at_most_once);
  return g_test_run ();
}
