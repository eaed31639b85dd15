/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What vendors answer when they are asked, one row each, in the shapes seen in 2026-10; and
 * what holds for all of them.  All of it at 2026-11-20 10:00:00 UTC (1795168800). */

#include "config.h"

#include "quota-fixture.h"

#include "providers/weir-quota-recipe.h"

#include <math.h>

typedef struct
{
  const char *id; /* of the recipe */
  const char *name;
  const char *body;
  const char *expected; /* NULL: cannot be read */
} Row;

/* clang-format off */
static const Row rows[] = {
  { "claude", "normal",
    "{\"five_hour\":{\"utilization\":47.2,\"resets_at\":\"2026-11-20T12:00:00.675225+00:00\"},"
    "\"seven_day\":{\"utilization\":12.0,\"resets_at\":\"2026-11-22T10:00:00Z\"},\"seven_day_opus\":null,"
    "\"seven_day_sonnet\":{\"utilization\":3,\"resets_at\":null},\"limits\":["
    "{\"kind\":\"session\",\"group\":\"session\",\"percent\":47,\"resets_at\":\"2026-11-20T12:00:00Z\",\"scope\":null,\"is_active\":false},"
    "{\"kind\":\"weekly_all\",\"group\":\"weekly\",\"percent\":12,\"resets_at\":\"2026-11-22T10:00:00Z\",\"scope\":null,\"is_active\":false},"
    "{\"kind\":\"weekly_scoped\",\"group\":\"weekly\",\"percent\":88,\"resets_at\":\"2026-11-22T10:00:00Z\","
    "\"scope\":{\"model\":{\"id\":null,\"display_name\":\"Fable\"},\"surface\":null},\"is_active\":true}],"
    "\"extra_usage\":{\"is_enabled\":true,\"monthly_limit\":2000,\"used_credits\":245,\"utilization\":12.25,\"currency\":\"USD\"}}",
    "5h=47.2@7200.68~18000 7d=12@172800~604800 7d/Sonnet=3~604800 7d/Fable=88@172800~604800 credits=17.55 USD" },
  { "claude", "only-the-newer-list",
    "{\"five_hour\":null,\"seven_day\":null,\"limits\":[{\"kind\":\"session\",\"percent\":7,\"resets_at\":\"2026-11-20T12:00:00Z\"},"
    "{\"kind\":\"weekly_scoped\",\"percent\":9,\"scope\":null},{\"kind\":\"monthly_all\",\"percent\":1}]}",
    "5h=7@7200~18000" },
  { "claude", "exhausted", "{\"five_hour\":{\"utilization\":100,\"resets_at\":\"2026-11-20T12:00:00Z\"},\"extra_usage\":{\"is_enabled\":false,\"monthly_limit\":0,\"used_credits\":0}}",
    "5h=100@7200~18000" },
  { "claude", "window-long-over", "{\"five_hour\":{\"utilization\":30,\"resets_at\":\"2026-11-19T12:00:00Z\"}}", "5h=30~18000" },
  { "claude", "not-begun", "{\"five_hour\":{\"utilization\":0,\"resets_at\":null}}", "5h=0~18000" },
  { "claude", "changed", "{\"five_hour\":{\"used\":100,\"resets_at\":\"2026-11-20T12:00:00Z\"},\"seven_day\":7,\"limits\":{}}", NULL },
  { "claude", "nonsense", "{\"five_hour\":{\"utilization\":-1},\"seven_day\":{\"utilization\":1e9},\"limits\":[7,null]}", NULL },

  { "codex", "normal",
    "{\"plan_type\":\"plus\",\"rate_limit\":{\"allowed\":true,\"limit_reached\":false,"
    "\"primary_window\":{\"used_percent\":33.0,\"limit_window_seconds\":18000,\"reset_after_seconds\":3600,\"reset_at\":1795172400},"
    "\"secondary_window\":{\"used_percent\":64,\"limit_window_seconds\":604800,\"reset_at\":1795255200}},"
    "\"code_review_rate_limit\":null,\"additional_rate_limits\":[{\"limit_name\":\"GPT-5.3-Codex-Spark\",\"metered_feature\":\"spark\","
    "\"rate_limit\":{\"primary_window\":{\"used_percent\":1,\"limit_window_seconds\":604800}}}],"
    "\"credits\":{\"has_credits\":true,\"unlimited\":false,\"balance\":\"12.5\"},\"rate_limit_reset_credits\":{\"available_count\":4}}",
    "5h=33@3600~18000 7d=64@86400~604800 7d/GPT-5.3-Codex-Spark=1~604800 credits=12.5 credits resets=4 plan=plus" },
  { "codex", "free-has-a-month-only",
    "{\"plan_type\":\"free\",\"rate_limit\":{\"limit_reached\":false,\"primary_window\":{\"used_percent\":5,\"limit_window_seconds\":2592000,\"reset_after_seconds\":60},\"secondary_window\":null}}",
    "30d=5@60~2.592e+06 plan=free" },
  { "codex", "exhausted",
    "{\"rate_limit\":{\"allowed\":false,\"limit_reached\":true,\"primary_window\":{\"used_percent\":100,\"limit_window_seconds\":18000,\"reset_at\":1795172400},"
    "\"secondary_window\":{\"used_percent\":50,\"limit_window_seconds\":604800}},\"credits\":{\"has_credits\":false,\"unlimited\":false,\"balance\":\"0\"}}",
    "5h=100@3600~18000! 7d=50~604800" },
  { "codex", "exhausted-without-a-share",
    "{\"rate_limit\":{\"limit_reached\":true,\"primary_window\":{\"limit_window_seconds\":18000,\"reset_at\":1795172400}}}", "5h=100@3600~18000!" },
  { "codex", "unlimited", "{\"credits\":{\"has_credits\":true,\"unlimited\":true,\"balance\":null}}", "credits=unlimited" },
  { "codex", "length-not-said", "{\"rate_limit\":{\"primary_window\":{\"used_percent\":5}}}", "primary=5" },
  { "codex", "changed", "{\"plan_type\":\"plus\",\"rate_limit\":{\"limit_reached\":false,\"primary_window\":{\"percent\":5,\"limit_window_seconds\":18000}}}", NULL },
  { "codex", "nonsense", "{\"rate_limit\":[],\"additional_rate_limits\":[{\"limit_name\":7},{}],\"credits\":{\"has_credits\":true,\"balance\":\"much\"}}", NULL },

  { "codex-resets", "normal",
    "{\"available_count\":2,\"credits\":[{\"id\":\"a\",\"status\":\"redeemed\",\"expires_at\":\"2026-11-21T10:00:00Z\"},"
    "{\"id\":\"b\",\"status\":\"available\",\"expires_at\":\"2026-12-20T10:00:00Z\"},"
    "{\"id\":\"c\",\"status\":\"available\",\"expires_at\":\"2026-11-22T10:00:00Z\",\"title\":\"One reset\"}]}",
    "resets=2@172800" },
  { "codex-resets", "exhausted", "{\"available_count\":0,\"credits\":[]}", "resets=0" },
  { "codex-resets", "changed", "{\"count\":2,\"credits\":[]}", NULL },
  { "codex-resets", "nonsense", "{\"available_count\":-1,\"credits\":{}}", NULL },
  { "copilot", "normal",
    "{\"copilot_plan\":\"individual_pro\",\"quota_reset_date\":\"2026-12-01\",\"quota_reset_date_utc\":\"2026-12-01T00:00:00.000Z\",\"quota_snapshots\":{"
    "\"premium_interactions\":{\"entitlement\":300,\"remaining\":126,\"percent_remaining\":42.5,\"unlimited\":false,\"overage_count\":0,\"overage_permitted\":false},"
    "\"chat\":{\"entitlement\":0,\"unlimited\":true,\"percent_remaining\":100},\"completions\":{\"unlimited\":true}}}",
    "premium=57.5@914400 plan=individual_pro" },
  { "copilot", "free",
    "{\"copilot_plan\":\"free\",\"limited_user_quotas\":{\"chat\":30,\"completions\":1000},\"monthly_quotas\":{\"chat\":50,\"completions\":2000},\"limited_user_reset_date\":\"2026-12-01\"}",
    "chat=40@914400 completions/completions=50@914400 plan=free" },
  { "copilot", "exhausted", "{\"quota_snapshots\":{\"premium_interactions\":{\"entitlement\":300,\"remaining\":0}}}", "premium=100" },
  { "copilot", "unlimited", "{\"quota_snapshots\":{\"premium_interactions\":{\"unlimited\":true,\"entitlement\":0,\"percent_remaining\":100}}}", "credits=unlimited" },
  { "copilot", "no-entitlement", "{\"copilot_plan\":\"business\",\"quota_snapshots\":{\"premium_interactions\":{\"entitlement\":0,\"remaining\":0,\"percent_remaining\":0}}}", NULL },
  { "copilot", "changed", "{\"copilot_plan\":\"individual\",\"quota_reset_date\":\"2026-12-01\"}", NULL },
  { "copilot", "nonsense", "{\"quota_snapshots\":{\"premium_interactions\":{\"percent_remaining\":-300}},\"limited_user_quotas\":7}", NULL },

  { "gemini-cli", "normal",
    "{\"buckets\":[{\"modelId\":\"gemini-2.5-pro\",\"tokenType\":\"REQUESTS\",\"remainingFraction\":0.75,\"resetTime\":\"2026-11-21T08:00:00Z\"},"
    "{\"modelId\":\"gemini-3-pro-preview\",\"remainingFraction\":0.5,\"resetTime\":\"2026-11-21T08:00:00Z\"},"
    "{\"modelId\":\"gemini-2.5-flash\",\"remainingFraction\":1},{\"modelId\":\"gemini-2.5-flash-lite\",\"remainingFraction\":0.9}]}",
    "quota/Pro=50@79200 quota/Flash=0 quota/Flash-Lite=10" },
  { "gemini-cli", "exhausted", "{\"buckets\":[{\"modelId\":\"gemini-2.5-pro\",\"remainingFraction\":0,\"resetTime\":\"2026-11-21T08:00:00Z\"}]}", "quota/Pro=100@79200" },
  { "gemini-cli", "exhausted-by-amount", "{\"buckets\":[{\"modelId\":\"gemini-2.5-pro\",\"remainingAmount\":\"0\",\"resetTime\":\"2026-11-21T08:00:00Z\"}]}", "quota/Pro=100@79200" },
  { "gemini-cli", "amount-of-nobody-knows-what", "{\"buckets\":[{\"modelId\":\"gemini-2.5-pro\",\"remainingAmount\":\"120\",\"resetTime\":\"2026-11-21T08:00:00Z\"}]}", NULL },
  { "gemini-cli", "changed", "{\"buckets\":[{\"modelId\":\"gemini-2.5-pro\",\"remaining\":0.5}]}", NULL },
  { "gemini-cli", "nonsense", "{\"buckets\":[{\"modelId\":\"gemini-2.5-pro\",\"remainingFraction\":-3},{\"remainingFraction\":0.5},\"x\"]}", NULL },

  { "antigravity", "normal",
    "{\"groups\":[{\"displayName\":\"Claude/GPT\",\"buckets\":[{\"bucketId\":\"a\",\"window\":\"5h\",\"remainingFraction\":0.8,\"resetTime\":\"2026-11-20T12:00:00Z\"},"
    "{\"bucketId\":\"b\",\"window\":\"weekly\",\"remaining\":{\"remainingFraction\":0.25},\"resetTime\":\"2026-11-24T10:00:00Z\"}]},"
    "{\"displayName\":\"Gemini\",\"buckets\":[{\"bucketId\":\"c\",\"window\":\"5h\",\"remainingFraction\":1.01},{\"bucketId\":\"d\",\"disabled\":true,\"remainingFraction\":0}]}]}",
    "5h/Claude/GPT=20@7200~18000 7d/Claude/GPT=75@345600~604800" },
  { "antigravity", "exhausted-by-absence", "{\"groups\":[{\"displayName\":\"Gemini\",\"buckets\":[{\"window\":\"5h\",\"resetTime\":\"2026-11-20T12:00:00Z\"}]}]}",
    "5h/Gemini=100@7200~18000" },
  { "antigravity", "unknown-window", "{\"groups\":[{\"displayName\":\"Gemini\",\"buckets\":[{\"bucketId\":\"gemini-daily\",\"window\":\"daily\",\"remainingFraction\":0.5}]}]}",
    "gemini-daily/Gemini=50" },
  { "antigravity", "changed", "{\"groups\":{\"Gemini\":{\"remainingFraction\":0.5}}}", NULL },
  { "antigravity-models", "normal",
    "{\"models\":{\"gemini-3-pro\":{\"quotaInfo\":{\"remainingFraction\":0.4,\"resetTime\":\"2026-11-20T12:00:00Z\"}},\"free\":{\"quotaInfo\":{\"remainingFraction\":1}}}}",
    "quota/gemini-3-pro=60@7200" },
  { "antigravity-models", "exhausted", "{\"models\":{\"gemini-3-pro\":{\"quotaInfo\":{\"resetTime\":\"2026-11-20T12:00:00Z\"}}}}", "quota/gemini-3-pro=100@7200" },
  { "antigravity-models", "all-offered-says-nothing", "{\"models\":{\"a\":{\"quotaInfo\":{\"remainingFraction\":1.0,\"resetTime\":\"2026-11-20T12:00:00Z\"}}}}", NULL },
  { "antigravity-models", "changed", "{\"models\":[\"gemini-3-pro\"]}", NULL },

  { "kiro", "normal",
    "{\"nextDateReset\":1795773600,\"subscriptionInfo\":{\"subscriptionTitle\":\"KIRO PRO\"},\"usageBreakdownList\":[{\"resourceType\":\"AGENTIC_REQUEST\","
    "\"currentUsage\":120,\"usageLimit\":1000,\"currentUsageWithPrecision\":120.5,\"usageLimitWithPrecision\":1000.0,\"freeTrialInfo\":{\"freeTrialStatus\":\"EXPIRED\"}}]}",
    "month=12.05@604800 plan=KIRO PRO" },
  { "kiro", "exhausted", "{\"usageBreakdownList\":[{\"currentUsage\":50,\"usageLimit\":50,\"nextDateReset\":1795773600}]}", "month=100@604800" },
  { "kiro", "changed", "{\"usageBreakdownList\":[{\"usage\":50,\"limit\":50}],\"subscriptionInfo\":{}}", NULL },
  { "kiro", "nonsense", "{\"usageBreakdownList\":[{\"currentUsage\":-50,\"usageLimit\":50},{\"currentUsage\":1,\"usageLimit\":0}]}", NULL },

  { "xai", "normal",
    "{\"config\":{\"creditUsagePercent\":35,\"currentPeriod\":{\"type\":\"USAGE_PERIOD_TYPE_WEEKLY\",\"start\":\"2026-11-17T00:00:00Z\",\"end\":\"2026-11-24T00:00:00Z\"},"
    "\"monthlyLimit\":{\"val\":\"2000\"},\"used\":{\"val\":700},\"billingPeriodEnd\":\"2026-12-01T00:00:00Z\"}}",
    "7d=35@309600~604800 month=35@914400" },
  { "xai", "exhausted", "{\"config\":{\"creditUsagePercent\":100,\"currentPeriod\":{\"end\":\"2026-11-24T00:00:00Z\"}}}", "quota=100@309600" },
  { "xai", "share-not-said", "{\"config\":{\"currentPeriod\":{\"type\":\"WEEKLY\",\"end\":\"2026-11-24T00:00:00Z\"}}}", NULL },
  { "xai", "changed", "{\"config\":{\"credit_usage\":7},\"subscription_tier_display\":\"SuperGrok\"}", NULL },

  { "kimi", "normal",
    "{\"user\":{\"membership\":{\"level\":\"LEVEL_ADVANCED\"}},\"usage\":{\"limit\":\"2048\",\"used\":\"214\",\"remaining\":\"1834\",\"resetTime\":\"2026-11-25T15:23:13.716839300Z\"},"
    "\"limits\":[{\"window\":{\"duration\":300,\"timeUnit\":\"TIME_UNIT_MINUTE\"},\"detail\":{\"limit\":\"200\",\"used\":\"50\",\"remaining\":\"150\",\"resetTime\":\"2026-11-20T13:00:00Z\"}}]}",
    "7d=10.45@451394~604800 5h=25@10800~18000 plan=LEVEL_ADVANCED" },
  { "kimi", "exhausted", "{\"usage\":{\"limit\":\"100\",\"remaining\":\"0\",\"resetTime\":\"2026-11-25T10:00:00Z\"}}", "7d=100@432000~604800" },
  { "kimi", "window-over", "{\"usage\":{\"limit\":\"100\",\"used\":\"20\",\"resetTime\":\"2026-10-25T10:00:00Z\"}}", "7d=20~604800" },
  { "kimi", "nothing-said", "{\"usage\":{\"limit\":\"100\",\"resetTime\":\"2026-11-25T10:00:00Z\"}}", NULL },
  { "kimi", "changed", "{\"usage\":{\"limit\":\"100\",\"spent\":\"20\"},\"limits\":[{\"window\":{}}]}", NULL },
  { "kimi", "nonsense", "{\"usage\":{\"limit\":\"0\",\"used\":\"0\"},\"limits\":[{\"detail\":{\"limit\":\"10\",\"used\":\"60\"}}]}", NULL },

  { "zai", "normal",
    "{\"code\":200,\"msg\":\"ok\",\"success\":true,\"data\":{\"level\":\"pro\",\"limits\":["
    "{\"type\":\"TOKENS_LIMIT\",\"unit\":3,\"number\":5,\"percentage\":23,\"nextResetTime\":1795176000000},"
    "{\"type\":\"TOKENS_LIMIT\",\"unit\":6,\"number\":1,\"percentage\":8,\"nextResetTime\":1795600000000},"
    "{\"type\":\"TIME_LIMIT\",\"unit\":5,\"number\":1,\"usage\":1000,\"currentValue\":10,\"remaining\":990,\"percentage\":1,\"nextResetTime\":1796600000000,\"usageDetails\":[]}]}}",
    "5h=23@7200~18000 7d=8@431200~604800 30d/tools=1@1.4312e+06~2.592e+06 plan=pro" },
  { "zai", "exhausted", "{\"data\":{\"limits\":[{\"type\":\"CREDIT_LIMIT\",\"unit\":3,\"number\":5,\"percentage\":100}]}}", "5h=100~18000" },
  { "zai", "changed", "{\"code\":200,\"data\":{\"limits\":[{\"type\":\"TOKENS_LIMIT\",\"unit\":3,\"share\":23},{\"type\":\"NEW_LIMIT\",\"percentage\":1}]}}", NULL },
  { "bigmodel", "exhausted", "{\"data\":{\"limits\":[{\"type\":\"TOKENS_LIMIT\",\"unit\":6,\"number\":1,\"percentage\":100,\"nextResetTime\":1795600000000}]}}", "7d=100@431200~604800" },
  { "bigmodel", "changed", "{\"data\":{\"limits\":{\"TOKENS_LIMIT\":{\"percentage\":100}}}}", NULL },
  { "bigmodel", "normal", "{\"data\":{\"limits\":[{\"type\":\"TOKENS_LIMIT\",\"unit\":9,\"percentage\":7}]}}", "quota=7" },

  { "minimax", "normal",
    "{\"base_resp\":{\"status_code\":0,\"status_msg\":\"success\"},\"model_remains\":[{\"model_name\":\"video\",\"current_interval_remaining_percent\":1},"
    "{\"model_name\":\"general\",\"current_interval_remaining_percent\":80,\"current_interval_status\":1,\"end_time\":1795176000000,"
    "\"current_weekly_remaining_percent\":40,\"current_weekly_status\":1,\"weekly_end_time\":1795600000000}]}",
    "5h=20@7200 7d=60@431200" },
  { "minimax", "exhausted-and-no-week",
    "{\"base_resp\":{\"status_code\":0},\"model_remains\":[{\"model_name\":\"general\",\"current_interval_status\":2,\"current_weekly_status\":3,\"current_weekly_remaining_percent\":100}]}",
    "5h=100" },
  { "minimax", "changed", "{\"base_resp\":{\"status_code\":0},\"model_remains\":[{\"model\":\"general\",\"current_interval_remaining_percent\":80}]}", NULL },
  { "minimax-cn", "refused", "{\"base_resp\":{\"status_code\":1000},\"model_remains\":[{\"model_name\":\"general\",\"current_interval_remaining_percent\":80}]}", NULL },

  { "cline", "normal",
    "{\"data\":{\"limits\":[{\"type\":\"five_hour\",\"percentUsed\":10,\"resetsAt\":\"2026-11-20T12:00:00Z\"},{\"type\":\"weekly\",\"percentUsed\":20.5,\"resetsAt\":null},{\"type\":\"daily\",\"percentUsed\":1}]}}",
    "5h=10@7200~18000 7d=20.5~604800" },
  { "cline", "nonsense", "{\"data\":{\"limits\":[{\"type\":\"weekly\",\"percentUsed\":-20},{\"type\":\"weekly\",\"percentUsed\":\"most\"},7]}}", NULL },
  { "cline", "exhausted", "{\"data\":{\"limits\":[{\"type\":\"monthly\",\"percentUsed\":100}]}}", "30d=100~2.592e+06" },
  { "cline", "changed", "{\"data\":{\"limits\":[{\"kind\":\"monthly\",\"percentUsed\":100}]}}", NULL },
  { "factory", "normal",
    "{\"limits\":{\"standard\":{\"fiveHour\":{\"usedPercent\":5,\"windowEnd\":\"2026-11-20T12:00:00Z\"},\"weekly\":{\"usedPercent\":6,\"secondsRemaining\":3600}}},\"extraUsageBalanceCents\":250}",
    "5h=5@7200~18000 7d=6@3600~604800 credits=2.5 USD" },
  { "factory", "exhausted", "{\"limits\":{\"core\":{\"monthly\":{\"usedPercent\":100}}}}", "30d=100~2.592e+06" },
  { "factory", "changed", "{\"limits\":{\"plus\":{\"monthly\":{\"usedPercent\":100}}}}", NULL },

  { "openrouter", "normal", "{\"data\":{\"total_credits\":100.5,\"total_usage\":25.75}}", "credits=74.75 USD" },
  { "openrouter", "exhausted", "{\"data\":{\"total_credits\":10,\"total_usage\":10.5}}", "credits=-0.5 USD" },
  { "openrouter", "changed", "{\"data\":{\"total_credits\":10}}", NULL },
  { "openrouter-key", "normal", "{\"data\":{\"label\":\"sk\",\"usage\":2.5,\"limit\":10,\"is_free_tier\":false,\"rate_limit\":{\"requests\":-1,\"interval\":\"10s\"}}}", "key=25 credits=7.5 USD" },
  { "openrouter-key", "exhausted", "{\"data\":{\"usage\":10,\"limit\":10}}", "key=100 credits=0 USD" },
  { "openrouter-key", "no-limit-of-its-own", "{\"data\":{\"usage\":10,\"limit\":null}}", "credits=unlimited" },
  { "openrouter-key", "changed", "{\"data\":{\"usage\":10}}", NULL },
  { "deepseek", "normal", "{\"is_available\":true,\"balance_infos\":[{\"currency\":\"CNY\",\"total_balance\":\"110.00\",\"granted_balance\":\"10.00\",\"topped_up_balance\":\"100.00\"}]}", "credits=110 CNY" },
  { "deepseek", "two-currencies", "{\"balance_infos\":[{\"currency\":\"CNY\",\"total_balance\":\"0.00\"},{\"currency\":\"USD\",\"total_balance\":\"3\"}]}", "credits=3 USD" },
  { "deepseek", "exhausted", "{\"is_available\":false,\"balance_infos\":[{\"currency\":\"USD\",\"total_balance\":\"0.00\"}]}", "credits=0 USD" },
  { "deepseek", "changed", "{\"is_available\":true,\"balance_infos\":[{\"currency\":\"USD\",\"balance\":\"5\"}]}", NULL },
  { "moonshot", "normal", "{\"code\":0,\"data\":{\"available_balance\":49.58894,\"voucher_balance\":46.58893,\"cash_balance\":3.00001},\"scode\":\"0x0\",\"status\":true}", "credits=49.5889 " },
  { "moonshot", "exhausted", "{\"code\":0,\"data\":{\"available_balance\":0}}", "credits=0 " },
  { "moonshot-cn", "changed", "{\"code\":0,\"data\":{\"balance\":1}}", NULL },
  { "siliconflow", "normal", "{\"code\":20000,\"status\":true,\"data\":{\"balance\":\"0.88\",\"chargeBalance\":\"88.00\",\"totalBalance\":\"88.88\"}}", "credits=88.88 " },
  { "siliconflow", "exhausted", "{\"code\":20000,\"data\":{\"totalBalance\":\"-0.02\"}}", "credits=-0.02 " },
  { "siliconflow-cn", "changed", "{\"code\":20000,\"data\":{\"totalBalance\":{}}}", NULL },
};
/* clang-format on */

static WeirQuotaOutcome
read_body (const char *id, WeirSlice body, WeirQuotaReading *out)
{
  const WeirQuotaRecipe *recipe = weir_quota_recipe_lookup (id);

  g_assert_nonnull (recipe);
  return weir_quota_recipe_read (recipe, 200, body, QUOTA_NOW_US, out);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  WeirQuotaReading reading;
  WeirQuotaOutcome outcome
      = read_body (row->id, weir_slice_from_string (row->body), &reading);
  g_autofree char *text = quota_dup_text (&reading);

  g_assert_cmpstr (text, ==, row->expected != NULL ? row->expected : "");
  g_assert_cmpint (outcome, ==,
                   row->expected != NULL ? WEIR_QUOTA_READ : WEIR_QUOTA_UNREADABLE);
  for (unsigned i = 0; i < reading.n_allowances; i++)
    g_assert_cmpint (reading.allowances[i].source, ==, WEIR_QUOTA_FROM_USAGE);
}

static void
test_any_end_of_the_answer_is_unreadable (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    for (size_t length = 0; length < strlen (rows[i].body); length++)
      {
        WeirQuotaReading reading;

        g_assert_cmpint (
            read_body (rows[i].id, (WeirSlice){ rows[i].body, length }, &reading), ==,
            WEIR_QUOTA_UNREADABLE);
      }
}

static unsigned
count_extremes (const WeirQuotaReading *reading)
{
  unsigned n = 0;

  for (unsigned i = 0; i < reading->n_allowances; i++)
    n += reading->allowances[i].used_percent >= 0
         && fabs (reading->allowances[i].used_percent - 50) >= 50;
  return n;
}

/* Any one member called otherwise: what is then not known does not become 0 or 100 %.
 * (Antigravity leaves out what is zero; its answers are rows above.) */
static void
test_a_member_that_changed_is_never_0_or_100 (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      WeirQuotaReading reading;
      g_autofree char *body = g_strdup (rows[i].body);
      unsigned n;

      if (strcmp (rows[i].name, "normal") != 0 || g_str_has_prefix (rows[i].id, "antigr"))
        continue;
      read_body (rows[i].id, weir_slice_from_string (body), &reading);
      n = count_extremes (&reading);
      for (char *at = body + 1; *at != '\0'; at++)
        {
          if (at[0] != '"' || (at[-1] != '{' && at[-1] != ','))
            continue;
          at[1] ^= 0x20;
          read_body (rows[i].id, weir_slice_from_string (body), &reading);
          g_assert_cmpuint (count_extremes (&reading), <=, n);
          at[1] ^= 0x20;
        }
    }
}

static void
test_statuses_have_their_outcomes (void)
{
  static const struct
  {
    unsigned status;
    WeirQuotaOutcome outcome;
  } statuses[] = {
    { 401, WEIR_QUOTA_SIGN_IN },     { 403, WEIR_QUOTA_FORBIDDEN },
    { 429, WEIR_QUOTA_LIMITED },     { 408, WEIR_QUOTA_UNAVAILABLE },
    { 500, WEIR_QUOTA_UNAVAILABLE }, { 503, WEIR_QUOTA_UNAVAILABLE },
    { 404, WEIR_QUOTA_UNREADABLE },  { 302, WEIR_QUOTA_UNREADABLE },
    { 400, WEIR_QUOTA_UNREADABLE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (statuses); j++)
      {
        WeirQuotaReading reading;

        g_assert_cmpint (weir_quota_recipe_read (
                             weir_quota_recipe_lookup (rows[i].id), statuses[j].status,
                             weir_slice_from_string (rows[i].body), QUOTA_NOW_US, &reading),
                         ==, statuses[j].outcome);
        g_assert_false (weir_quota_reading_says_something (&reading));
      }
}

static void
test_some_refuse_inside_a_200 (void)
{
  WeirQuotaReading reading;

  g_assert_cmpint (
      read_body ("zai",
                 WEIR_SLICE ("{\"code\":401,\"msg\":\"token expired\",\"success\":false}"),
                 &reading),
      ==, WEIR_QUOTA_SIGN_IN);
  g_assert_cmpint (read_body ("minimax",
                              WEIR_SLICE ("{\"base_resp\":{\"status_code\":1004}}"),
                              &reading),
                   ==, WEIR_QUOTA_SIGN_IN);
  g_assert_cmpint (read_body ("kimi", WEIR_SLICE ("[]"), &reading), ==,
                   WEIR_QUOTA_UNREADABLE);
}

/* Twins of one vendor share a reader. */
static gboolean
has_row (const WeirQuotaRecipe *recipe, const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (weir_quota_recipe_lookup (rows[i].id)->read == recipe->read
        && g_str_has_prefix (rows[i].name, name))
      return TRUE;
  return FALSE;
}

static void
test_every_reader_has_seen_all_there_is (void)
{
  static const char *const names[] = { "normal", "exhausted", "changed" };
  size_t n;
  const WeirQuotaRecipe *recipes = weir_quota_recipe_table_get (&n);

  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < G_N_ELEMENTS (names); j++)
      {
        g_test_message ("%s, %s", recipes[i].id, names[j]);
        g_assert_true (has_row (&recipes[i], names[j]));
      }
}

/* Each recipe can be sent as it is, and has rows of its own. */
static void
test_the_table_is_whole (void)
{
  size_t n;
  const WeirQuotaRecipe *recipes = weir_quota_recipe_table_get (&n);

  for (size_t i = 0; i < n; i++)
    {
      unsigned n_rows = 0;

      g_assert_true (weir_quota_recipe_lookup (recipes[i].id) == &recipes[i]);
      g_assert_true (g_str_has_prefix (recipes[i].url, "https://"));
      g_assert_true ((strcmp (recipes[i].method, "POST") == 0)
                     == (recipes[i].body != NULL));
      g_assert_nonnull (recipes[i].auth_prefix);
      g_assert_null (recipes[i].fields[3]);
      g_assert_true (recipes[i].instead == NULL
                     || weir_quota_recipe_lookup (recipes[i].instead) != NULL);
      for (unsigned j = 0; recipes[i].fields[j] != NULL; j++)
        {
          g_assert_nonnull (strstr (recipes[i].fields[j], ": "));
          g_assert_null (strpbrk (recipes[i].fields[j], "\r\n"));
        }
      for (size_t j = 0; j < G_N_ELEMENTS (rows); j++)
        n_rows += strcmp (rows[j].id, recipes[i].id) == 0;
      g_assert_cmpuint (n_rows, >=, 1);
    }
  g_assert_null (weir_quota_recipe_lookup ("qwen"));
  for (unsigned i = 0; i < WEIR_QUOTA_OUTCOME_LAST; i++)
    g_assert_cmpstr (weir_quota_outcome_get_name (i), !=, "");
}

static void
test_a_key_goes_where_it_came_from (void)
{
  static const struct
  {
    const char *base_url;
    const char *id; /* NULL: nobody is asked */
  } places[] = {
    { "https://openrouter.ai/api/v1", "openrouter" },
    { "https://API.deepseek.com", "deepseek" },
    { "https://api.z.ai/api/coding/paas/v4", "zai" },
    { "https://api.minimax.io/anthropic", "minimax" },
    { "https://api.kimi.com?x", "kimi" },
    { "https://api.siliconflow.cn/v1", "siliconflow-cn" },
    { "http://openrouter.ai/api/v1", NULL },
    { "https://openrouter.ai.example/api/v1", NULL },
    { "https://openrouter.a", NULL },
    { "https://openrouter.ai:8443/api/v1", NULL },
    { "https://me@openrouter.ai/api/v1", NULL },
    { "https://api.anthropic.com", NULL },
    { "https://chatgpt.com", NULL },
    { "http://127.0.0.1:8080", NULL },
    { "openrouter.ai", NULL },
    { "", NULL },
    { NULL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const WeirQuotaRecipe *recipe = weir_quota_recipe_lookup_by_url (places[i].base_url);

      g_assert_cmpstr (recipe != NULL ? recipe->id : NULL, ==, places[i].id);
    }
}

/* More models than places: those of the account are kept. */
static void
test_the_account_goes_before_its_models (void)
{
  g_autoptr (GString) body = g_string_new ("{\"additional_rate_limits\":[");
  WeirQuotaReading reading;
  WeirQuotaReading account;
  g_autofree char *text = NULL;

  for (unsigned i = 0; i < 40; i++)
    g_string_append_printf (body,
                            "%s{\"limit_name\":\"m%u\",\"rate_limit\":{\"primary_window\":{"
                            "\"used_percent\":1,\"limit_window_seconds\":18000}}}",
                            i > 0 ? "," : "", i);
  g_string_append (body, "]}");
  read_body ("codex", (WeirSlice){ body->str, body->len }, &reading);
  g_assert_cmpuint (reading.n_allowances, ==, WEIR_QUOTA_ALLOWANCES_MAX);
  read_body ("claude", WEIR_SLICE ("{\"five_hour\":{\"utilization\":42}}"), &account);
  weir_quota_reading_merge (&reading, &account);
  g_assert_cmpuint (reading.n_allowances, ==, WEIR_QUOTA_ALLOWANCES_MAX);
  text = quota_dup_text (&reading);
  g_assert_nonnull (strstr (text, "5h=42"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/quota-recipe/%s/%s", rows[i].id, rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
#define ADD(path, name) g_test_add_func ("/quota-recipe/" path, test_##name)
  ADD ("any-end-of-the-answer-is-unreadable", any_end_of_the_answer_is_unreadable);
  ADD ("a-member-that-changed-is-never-0-or-100", a_member_that_changed_is_never_0_or_100);
  ADD ("statuses-have-their-outcomes", statuses_have_their_outcomes);
  ADD ("some-refuse-inside-a-200", some_refuse_inside_a_200);
  ADD ("every-reader-has-seen-all-there-is", every_reader_has_seen_all_there_is);
  ADD ("the-table-is-whole", the_table_is_whole);
  ADD ("a-key-goes-where-it-came-from", a_key_goes_where_it_came_from);
  ADD ("the-account-goes-before-its-models", the_account_goes_before_its_models);
  return g_test_run ();
}
