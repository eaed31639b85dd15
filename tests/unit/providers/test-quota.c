/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes with answers, one row each: fields of heads, bodies of refusals; and how
 * readings replace each other.  All of it at 2026-11-20 10:00:00 UTC (1795168800). */

#include "config.h"

#include "quota-fixture.h"

typedef struct
{
  const char *name;
  const char *input;
  const char *expected; /* NULL: nothing is said */
} Row;

/* clang-format off */
#define UNIFIED "anthropic-ratelimit-unified-"
#define KEY "anthropic-ratelimit-"
#define CODEX "x-codex-"

static const Row field_rows[] = {
  { "nothing", "content-type: application/json\r\nx-request-id: req_1234567890\r\nserver: cloudflare\r\n", NULL },

  /* Anthropic, subscription */
  { "unified-normal",
    UNIFIED "status: allowed\r\n" UNIFIED "reset: 1795176000\r\n" UNIFIED "representative-claim: five_hour\r\n"
    UNIFIED "5h-status: allowed\r\n" UNIFIED "5h-reset: 1795176000\r\n" UNIFIED "5h-utilization: 0.42\r\n"
    UNIFIED "7d-status: allowed\r\n" UNIFIED "7d-reset: 1795600000\r\n" UNIFIED "7d-utilization: 0.0731\r\n"
    UNIFIED "overage-status: rejected\r\n" UNIFIED "overage-utilization: 0\r\n" UNIFIED "fallback-percentage: 0.5\r\n",
    "5h=42@7200~18000 7d=7.31@431200~604800" },
  { "unified-any-case",
    "Anthropic-Ratelimit-Unified-5h-Utilization: 0.5\r\nANTHROPIC-RATELIMIT-UNIFIED-5H-RESET: 1795176000\r\n",
    "5h=50@7200~18000" },
  { "unified-exhausted",
    UNIFIED "status: rejected\r\n" UNIFIED "5h-status: rejected\r\n" UNIFIED "5h-utilization: 1.01\r\n"
    UNIFIED "5h-reset: 1795176000\r\n" UNIFIED "7d-status: allowed_warning\r\n" UNIFIED "7d-utilization: 0.9\r\n",
    "5h=100@7200~18000! 7d=90~604800" },
  { "unified-paid-for-as-extra-usage",
    UNIFIED "status: allowed\r\n" UNIFIED "5h-status: rejected\r\n" UNIFIED "5h-utilization: 1\r\n",
    "5h=100~18000" },
  { "unified-some-models",
    UNIFIED "status: rejected\r\n" UNIFIED "5h-status: allowed\r\n" UNIFIED "5h-utilization: 0.1\r\n"
    UNIFIED "7d_oi-status: rejected\r\n" UNIFIED "7d_oi-utilization: 1\r\n" UNIFIED "7d-sonnet-utilization: 0.3\r\n",
    "5h=10~18000 7d/oi=100~604800! 7d/sonnet=30~604800" },
  { "unified-sum-only", UNIFIED "status: rejected\r\n" UNIFIED "reset: 1795172400\r\n", "account=?@3600!" },
  { "unified-sum-that-allows", UNIFIED "status: allowed\r\n" UNIFIED "reset: 1795172400\r\n", NULL },
  { "unified-nonsense",
    UNIFIED "5h-utilization: nan\r\n" UNIFIED "5h-reset: soon\r\n" UNIFIED "7d-utilization: -0.1\r\n", NULL },
  { "unified-far-over", UNIFIED "5h-utilization: 42\r\n" UNIFIED "7d-utilization: 0.5\r\n", "7d=50~604800" },
  { "unified-reset-of-another-year",
    UNIFIED "5h-utilization: 0.5\r\n" UNIFIED "5h-reset: 1895176000\r\n" UNIFIED "7d-utilization: 0.5\r\n"
    UNIFIED "7d-reset: 1695176000\r\n",
    "5h=50~18000 7d=50~604800" },
  { "unified-reset-a-moment-ago", UNIFIED "5h-utilization: 0.5\r\n" UNIFIED "5h-reset: 1795168790\r\n", "5h=50@-10~18000" },
  { "unified-share-not-said", UNIFIED "5h-reset: 1795176000\r\n" UNIFIED "7d-utilization: 0.5\r\n",
    "5h=?@7200~18000 7d=50~604800" },

  /* Anthropic, key */
  { "key-normal",
    KEY "requests-limit: 50\r\n" KEY "requests-remaining: 49\r\n" KEY "requests-reset: 2026-11-20T10:00:01Z\r\n"
    KEY "input-tokens-limit: 30000\r\n" KEY "input-tokens-remaining: 15000\r\n" KEY "input-tokens-reset: 2026-11-20T10:00:30Z\r\n"
    KEY "output-tokens-limit: 8000\r\n" KEY "output-tokens-remaining: 8000\r\n" KEY "output-tokens-reset: 2026-11-20T10:00:00Z\r\n"
    KEY "tokens-limit: 38000\r\n" KEY "tokens-remaining: 23000\r\n" KEY "tokens-reset: 2026-11-20T10:00:30Z\r\n",
    "requests=2@1~60 input-tokens=50@30~60 output-tokens=0@0~60 tokens=39.47@30~60" },
  { "key-exhausted",
    KEY "requests-limit: 50\r\n" KEY "requests-remaining: 0\r\n" KEY "requests-reset: 2026-11-20T10:00:13Z\r\n",
    "requests=100@13~60" },
  { "key-half", KEY "requests-remaining: 7\r\n" KEY "tokens-limit: 100\r\n", NULL },
  { "key-more-left-than-there-is", KEY "requests-limit: 5\r\n" KEY "requests-remaining: 7\r\n", NULL },
  { "key-limit-of-zero", KEY "requests-limit: 0\r\n" KEY "requests-remaining: 0\r\n", NULL },

  /* ChatGPT */
  { "codex-normal",
    CODEX "primary-used-percent: 12\r\n" CODEX "primary-window-minutes: 300\r\n" CODEX "primary-reset-at: 1795172400\r\n"
    CODEX "primary-reset-after-seconds: 3600\r\n" CODEX "secondary-used-percent: 34.5\r\n"
    CODEX "secondary-window-minutes: 10080\r\n" CODEX "secondary-reset-after-seconds: 86400\r\n",
    "5h=12@3600~18000 7d=34.5@86400~604800" },
  { "codex-month-first", CODEX "primary-used-percent: 60\r\n" CODEX "primary-window-minutes: 43200\r\n", "30d=60~2.592e+06" },
  { "codex-exhausted",
    CODEX "primary-used-percent: 100\r\n" CODEX "primary-window-minutes: 300\r\n" CODEX "primary-reset-after-seconds: 60\r\n",
    "5h=100@60~18000" },
  { "codex-own-limit-of-a-model",
    CODEX "active-limit: spark\r\n" CODEX "spark-primary-used-percent: 80\r\n" CODEX "spark-primary-window-minutes: 300\r\n",
    "5h/spark=80~18000" },
  { "codex-plan-without-a-second-window",
    CODEX "primary-used-percent: 5\r\n" CODEX "secondary-used-percent: 0\r\n" CODEX "secondary-window-minutes: 0\r\n"
    CODEX "secondary-reset-after-seconds: 0\r\n", "primary=5" },
  { "codex-nonsense", CODEX "primary-used-percent: 0x10\r\n" CODEX "tertiary-used-percent: 7\r\n" CODEX "turn-state: 1\r\n", NULL },

  /* all others */
  { "openai",
    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\nx-ratelimit-reset-requests: 6ms\r\n"
    "x-ratelimit-limit-tokens: 200000\r\nx-ratelimit-remaining-tokens: 50000\r\nx-ratelimit-reset-tokens: 6m0s\r\n",
    "requests=0.01@0.006 tokens=75@360" },
  { "groq",
    "x-ratelimit-limit-requests: 1000\r\nx-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 2m59.56s\r\n",
    "requests=100@179.56" },
  { "length-in-the-name",
    "x-ratelimit-limit-requests-day: 100\r\nx-ratelimit-remaining-requests-day: 25\r\nx-ratelimit-reset-requests-day: 33011.382867\r\n"
    "x-ratelimit-limit-tokens-minute: 100\r\nx-ratelimit-remaining-tokens-minute: 100\r\n",
    "requests-day=75@33011.4~86400 tokens-minute=0~60" },
  { "no-name-and-a-date",
    "X-RateLimit-Limit: 20\r\nX-RateLimit-Remaining: 5\r\nX-RateLimit-Reset: 1795168860000\r\n", "requests=75@60" },
  { "no-share-without-a-limit", "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 1.2s\r\n", NULL },
  { "limits-that-are-none", "x-ratelimit-limit-requests: -1\r\nx-ratelimit-remaining-requests: -1\r\n", NULL },
};

static const Row refusal_rows[] = {
  { "empty", "", NULL },
  { "no-json", "<html>Too Many Requests</html>", NULL },
  { "array", "[1]", NULL },
  { "no-details", "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}", NULL },
  { "error-is-text", "{\"error\":\"too many requests\"}", NULL },
  { "chatgpt-exhausted",
    "{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"The usage limit has been reached\",\"plan_type\":\"plus\","
    "\"resets_at\":1795172400,\"resets_in_seconds\":3600}}",
    "account=100@3600! plan=plus" },
  { "chatgpt-seconds-only", "{\"error\":{\"type\":\"usage_limit_reached\",\"resets_in_seconds\":60}}", "account=100@60!" },
  { "chatgpt-nonsense", "{\"error\":{\"type\":\"usage_limit_reached\",\"resets_at\":-4,\"plan_type\":7}}", "account=100! plan=7" },
  { "chatgpt-too-fast", "{\"error\":{\"type\":\"rate_limit_exceeded\",\"resets_at\":1795172400}}", NULL },
  { "google-exhausted",
    "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"message\":\"You have exhausted your capacity on this model.\",\"details\":["
    "{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"QUOTA_EXHAUSTED\",\"domain\":\"cloudcode-pa.googleapis.com\","
    "\"metadata\":{\"uiMessage\":\"true\",\"model\":\"gemini-3-pro\",\"quotaResetDelay\":\"2h0m0s\",\"quotaResetTimeStamp\":\"2026-11-20T12:00:00Z\"}},"
    "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"7200.5s\"}]}}",
    "quota/asked-for=100@7200!" },
  { "google-retry-info-only",
    "{\"error\":{\"details\":[{\"reason\":\"QUOTA_EXHAUSTED\"},{\"retryDelay\":\"30s\"}]}}", "quota/asked-for=100@30!" },
  { "google-too-fast",
    "{\"error\":{\"details\":[{\"reason\":\"RATE_LIMIT_EXCEEDED\",\"metadata\":{\"quotaResetDelay\":\"4s\"}}]}}", NULL },
  { "google-no-capacity",
    "{\"error\":{\"details\":[{\"reason\":\"MODEL_CAPACITY_EXHAUSTED\"},{\"retryDelay\":\"30s\"}]}}", NULL },
  { "google-changed", "{\"error\":{\"details\":{\"reason\":\"QUOTA_EXHAUSTED\"}}}", NULL },
};
/* clang-format on */

static void
test_fields (gconstpointer data)
{
  const Row *row = data;
  WeirQuotaFields fields;
  WeirQuotaReading reading;
  g_autofree char *text = NULL;

  quota_fields_from_text (&fields, weir_slice_from_string (row->input));
  g_assert_true (weir_quota_read_fields (&fields, QUOTA_NOW_US, &reading)
                 == (row->expected != NULL));
  text = quota_dup_text (&reading);
  if (row->expected != NULL)
    g_assert_cmpstr (text, ==, row->expected);
  for (unsigned i = 0; i < reading.n_allowances; i++)
    {
      g_assert_cmpint (reading.allowances[i].source, ==, WEIR_QUOTA_FROM_FIELDS);
      g_assert_cmpint (reading.allowances[i].read_at_us, ==, QUOTA_NOW_US);
    }
}

static void
test_refusal (gconstpointer data)
{
  const Row *row = data;
  WeirQuotaReading reading;
  g_autofree char *text = NULL;

  g_assert_true (weir_quota_read_refusal (weir_slice_from_string (row->input), "asked-for",
                                          QUOTA_NOW_US, &reading)
                 == (row->expected != NULL));
  text = quota_dup_text (&reading);
  g_assert_cmpstr (text, ==, row->expected != NULL ? row->expected : "");
}

/* Heads with more than is looked at, of both kinds. */
static void
test_too_many_are_left_out (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  WeirQuotaFields fields;
  WeirQuotaReading reading;
  g_autofree char *read = NULL;

  for (unsigned i = 0; i < 100; i++)
    g_string_append_printf (
        text, "x-ratelimit-limit-n%u: 10\r\nx-ratelimit-remaining-n%u: 5\r\n", i, i);
  quota_fields_from_text (&fields, (WeirSlice){ text->str, text->len });
  g_assert_cmpuint (fields.n, ==, WEIR_QUOTA_FIELDS_MAX);
  g_assert_true (weir_quota_read_fields (&fields, QUOTA_NOW_US, &reading));
  read = quota_dup_text (&reading);
  g_assert_cmpuint (reading.n_allowances, ==, 16);
}

static void
read_text (const char *text, int64_t real_us, WeirQuotaReading *out)
{
  WeirQuotaFields fields;

  quota_fields_from_text (&fields, weir_slice_from_string (text));
  g_assert_true (weir_quota_read_fields (&fields, real_us, out));
}

static void
test_the_newest_wins (void)
{
  WeirQuotaReading all = { 0 };
  WeirQuotaReading old;
  WeirQuotaReading new;
  g_autofree char *text = NULL;

  g_assert_false (weir_quota_reading_says_something (&all));
  read_text (UNIFIED "5h-utilization: 0.5\r\n" UNIFIED "7d-utilization: 0.1\r\n",
             QUOTA_NOW_US, &old);
  read_text (UNIFIED "5h-utilization: 0.2\r\n", QUOTA_NOW_US + 1, &new);
  weir_quota_reading_merge (&all, &new);
  weir_quota_reading_merge (&all, &old);
  text = quota_dup_text (&all);
  g_assert_cmpstr (text, ==, "5h=20~18000 7d=10~604800");
  weir_quota_reading_merge (&old, &new);
  g_assert_cmpfloat (old.allowances[0].used_percent, ==, 20);
}

static void
test_credits_and_plan_are_merged_alone (void)
{
  WeirQuotaReading all
      = { .credits = { .known = TRUE, .left = 5, .unit = "USD", .read_at_us = 10 },
          .plan = "pro",
          .plan_read_at_us = 10 };
  WeirQuotaReading other
      = { .credits = { .known = TRUE, .left = 3, .unit = "USD", .read_at_us = 9 },
          .plan = "max",
          .plan_read_at_us = 11 };
  g_autofree char *text = NULL;

  weir_quota_reading_merge (&all, &other);
  text = quota_dup_text (&all);
  g_assert_cmpstr (text, ==, "credits=5 USD plan=max");
}

static void
test_sources_have_names (void)
{
  for (unsigned i = 0; i < WEIR_QUOTA_SOURCE_LAST; i++)
    g_assert_cmpstr (weir_quota_source_get_name (i), !=, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (field_rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/quota/fields/%s", field_rows[i].name);

      g_test_add_data_func (path, &field_rows[i], test_fields);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (refusal_rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/quota/refusal/%s", refusal_rows[i].name);

      g_test_add_data_func (path, &refusal_rows[i], test_refusal);
    }
#define ADD(path, name) g_test_add_func ("/quota/" path, test_##name)
  ADD ("too-many-are-left-out", too_many_are_left_out);
  ADD ("the-newest-wins", the_newest_wins);
  ADD ("credits-and-plan-are-merged-alone", credits_and_plan_are_merged_alone);
  ADD ("sources-have-names", sources_have_names);
  return g_test_run ();
}
