/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How an Anthropic Messages request asks for the answer: its length, how hard the model is
 * to think, the schema it is to fit, how it is sampled (API reference, guides on extended
 * and adaptive thinking, effort and structured outputs, read 2026-10). */

#include "config.h"

#include "chat/weir-anthropic-writer.h"
#include "chat/weir-thinking.h"

/* The API refuses smaller ones. */
#define BUDGET_MIN 1024

typedef enum
{
  SAY_NOTHING,
  SAY_DISABLED,
  SAY_ADAPTIVE,
  SAY_ENABLED,
} Word;

typedef struct
{
  Word word;
  uint64_t budget;
  WeirSlice effort; /* empty: not to be said */
} Plan;

/* A number of at most two digits at *@at, and what stands behind it.  FALSE: none. */
static gboolean
read_number (WeirSlice name, size_t *at, unsigned *out_number)
{
  size_t i = *at;
  unsigned number = 0;

  while (i < name.length && g_ascii_isdigit (name.text[i]) && i - *at < 3)
    number = number * 10 + (unsigned)(name.text[i++] - '0');
  if (i == *at || i - *at > 2 || (i < name.length && g_ascii_isalpha (name.text[i])))
    return FALSE;
  *at = i;
  *out_number = number;
  return TRUE;
}

/* The version in the vendor's names: claude-3-5-haiku-20241022, claude-opus-4-6,
 * anthropic.claude-sonnet-4-20250514-v1:0.  10 * major + minor; 0: it has none. */
static unsigned
read_version (WeirSlice name)
{
  const char *start = memmem (name.text, name.length, "claude-", 7);
  unsigned major = 0;
  unsigned minor = 0;
  size_t at;

  if (start == NULL)
    return 0;
  for (at = (size_t)(start - name.text) + 7; at < name.length; at++)
    if (!g_ascii_isalnum (name.text[at - 1]) && read_number (name, &at, &major))
      break;
  at++;
  if (at >= name.length || !read_number (name, &at, &minor))
    minor = 0;
  return major * 10 + MIN (minor, 9);
}

/* Models page and the guides above: adaptive thinking since 4.6, where a budget still is
 * taken; since 4.7 neither a budget nor sampling.  The limits of 3 and 3.5 are those of the
 * answer; all later models take 32000.  A name without a version is some other vendor's or
 * an alias: what most servers of this dialect take is said. */
void
weir_anthropic_model_read (WeirAnthropicModel *self, WeirSlice name)
{
  const unsigned version = name.length > 0 ? read_version (name) : 0;

  *self = (WeirAnthropicModel){
    .known = version != 0,
    .adaptive = version >= 46,
    .samples = version < 47,
    .levels = WEIR_EFFORT_LOW_TO_HIGH | WEIR_EFFORT_BIT (WEIR_EFFORT_MAX),
    .max_tokens = 32000,
  };
  if (version >= 47)
    self->levels |= WEIR_EFFORT_BIT (WEIR_EFFORT_XHIGH);
  if (version != 0 && version < 35)
    self->max_tokens = 4096;
  else if (version == 35)
    self->max_tokens = 8192;
}

static uint64_t
write_max_tokens (WeirAnthropicWriter *self)
{
  const WeirSlice said = self->request->options[WEIR_OPTION_MAX_OUTPUT_TOKENS];
  g_autofree char *text = weir_slice_dup (said);
  uint64_t tokens;

  if (said.length == 0)
    {
      weir_json_add_uint (&self->json, "max_tokens", self->model.max_tokens);
      return self->model.max_tokens;
    }
  weir_json_add_raw (&self->json, "max_tokens", said);
  tokens = g_ascii_strtoull (text, NULL, 10);
  return tokens;
}

gboolean
weir_anthropic_is_signed_thought (const WeirPart *part)
{
  return (part->type == WEIR_PART_THINKING || part->type == WEIR_PART_REDACTED_THINKING)
         && part->thinking.signature.length > 0
         && weir_part_may_return (part, WEIR_DIALECT_ANTHROPIC);
}

gboolean
weir_anthropic_is_in_thoughtless_loop (const WeirRequest *request)
{
  gboolean thoughtless = FALSE;
  gboolean results = FALSE;
  WeirRole before = WEIR_ROLE_USER;

  for (const WeirMessage *message = request->messages; message != NULL;
       message = message->next)
    {
      if (message->role == WEIR_ROLE_ASSISTANT && message->parts != NULL
          && before != WEIR_ROLE_ASSISTANT)
        {
          thoughtless = !weir_anthropic_is_signed_thought (
              weir_anthropic_find_signed (request, message->parts));
          results = FALSE;
        }
      else if (message->role == WEIR_ROLE_TOOL)
        results = TRUE;
      before = message->role;
    }
  return thoughtless && results;
}

static void
report_level (const WeirAnthropicWriter *self)
{
  weir_anthropic_report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
}

/* A quarter of the answer's length is kept for what is no thought. */
static void
plan_budget (const WeirAnthropicWriter *self, uint64_t max_tokens, Plan *plan)
{
  const WeirThinking *thinking = &self->request->thinking;
  const uint64_t most = max_tokens - max_tokens / 4;

  if (most < BUDGET_MIN || weir_anthropic_is_in_thoughtless_loop (self->request))
    {
      report_level (self);
      return;
    }
  plan->word = SAY_ENABLED;
  if (!weir_thinking_as_budget (thinking, BUDGET_MIN, most, &plan->budget))
    plan->budget = MIN (weir_thinking_get_budget (WEIR_EFFORT_MEDIUM), most);
  if (thinking->mode != WEIR_THINKING_BUDGET || plan->budget != thinking->budget)
    report_level (self);
}

static void
plan_effort (const WeirAnthropicWriter *self, Plan *plan)
{
  const WeirThinking *thinking = &self->request->thinking;

  plan->word = SAY_ADAPTIVE;
  plan->effort = weir_thinking_as_level (thinking, self->model.levels);
  if (thinking->mode != WEIR_THINKING_AUTO
      && !weir_slice_equal (plan->effort, thinking->level))
    report_level (self);
}

static Plan
make_plan (const WeirAnthropicWriter *self, uint64_t max_tokens)
{
  const WeirThinking *thinking = &self->request->thinking;
  Plan plan = { 0 };

  if (thinking->mode == WEIR_THINKING_UNSAID)
    return plan;
  if (thinking->mode == WEIR_THINKING_OFF)
    plan.word = SAY_DISABLED;
  else if (weir_anthropic_must_call (self))
    report_level (self);
  else if (self->model.adaptive)
    plan_effort (self, &plan);
  else
    plan_budget (self, max_tokens, &plan);
  return plan;
}

/* The word for whether thoughts are shown came with the adaptive models, which by default
 * hide them; others show them, and the answer's way back leaves them out. */
static void
write_thinking (WeirAnthropicWriter *self, const Plan *plan)
{
  static const char *const words[] = {
    [SAY_DISABLED] = "disabled",
    [SAY_ADAPTIVE] = "adaptive",
    [SAY_ENABLED] = "enabled",
  };
  WeirJsonWriter *json = &self->json;

  if (plan->word == SAY_NOTHING)
    return;
  weir_json_open (json, "thinking");
  weir_json_add_string (json, "type", words[plan->word]);
  if (plan->word == SAY_ENABLED)
    weir_json_add_uint (json, "budget_tokens", plan->budget);
  if (plan->word == SAY_ADAPTIVE)
    weir_anthropic_add_text (
        self, "display",
        weir_thinking_as_summary (&self->request->thinking, WEIR_DIALECT_ANTHROPIC));
  weir_json_close (json);
}

static void
write_format (WeirAnthropicWriter *self)
{
  const WeirFormat *format = &self->request->response_format;
  g_autoptr (GBytes) edited = NULL;
  gboolean lost = FALSE;
  WeirSlice schema;

  if (self->own)
    {
      weir_json_add_raw (&self->json, "format", format->raw);
      return;
    }
  schema = weir_anthropic_fit_answer (format->schema, &edited, &lost);
  if (lost)
    weir_anthropic_report (self, WEIR_LOSS_SCHEMA_KEYWORD, "response_format");
  weir_json_open (&self->json, "format");
  weir_json_add_string (&self->json, "type", "json_schema");
  weir_json_add_raw (&self->json, "schema", schema);
  weir_json_close (&self->json);
}

/* output_config.format, generally available since 2026-01, takes the place of the beta's
 * output_format (structured outputs guide, read 2026-10). */
static void
write_output_config (WeirAnthropicWriter *self, WeirSlice effort)
{
  static const char prefix[] = "output_config.";
  const WeirFormatType type = self->request->response_format.type;
  const gboolean has_format
      = type == WEIR_FORMAT_SCHEMA || (self->own && type != WEIR_FORMAT_UNSAID);

  if (effort.length == 0 && !has_format)
    return;
  weir_json_open (&self->json, "output_config");
  weir_anthropic_add_text (self, "effort", effort);
  if (has_format)
    write_format (self);
  for (const WeirUnknown *unknown = self->own ? self->request->unknown : NULL;
       unknown != NULL; unknown = unknown->next)
    if (weir_slice_has_prefix (unknown->name, weir_slice_from_string (prefix))
        && !weir_slice_has_prefix (unknown->name, WEIR_SLICE ("output_config.format.")))
      {
        g_autofree char *name = weir_slice_dup (unknown->name);

        weir_json_add_raw (&self->json, name + strlen (prefix), unknown->value);
      }
  weir_json_close (&self->json);
}

static void
report_format (const WeirAnthropicWriter *self)
{
  const WeirFormat *format = &self->request->response_format;

  if (self->own)
    return;
  if (format->type == WEIR_FORMAT_JSON || format->type == WEIR_FORMAT_OTHER)
    weir_anthropic_report (self, WEIR_LOSS_FORMAT, "response_format");
  if (format->type == WEIR_FORMAT_SCHEMA && format->description.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_FORMAT_NAME, "response_format");
}

/* Others count temperatures up to 2. */
static void
write_temperature (WeirAnthropicWriter *self, WeirSlice said)
{
  g_autofree char *text = weir_slice_dup (said);
  const gboolean hot = g_ascii_strtod (text, NULL) > 1;

  if (hot)
    weir_anthropic_report (self, WEIR_LOSS_RANGE, "temperature");
  weir_json_add_raw (&self->json, "temperature", hot ? WEIR_SLICE ("1") : said);
}

/* A model that thinks samples as it likes, and newer ones take no two of temperature and
 * top_p (models page, read 2026-10). */
static void
write_sampling (WeirAnthropicWriter *self)
{
  const WeirSlice temperature = self->request->options[WEIR_OPTION_TEMPERATURE];
  const WeirSlice top_p = self->request->options[WEIR_OPTION_TOP_P];
  const WeirSlice top_k = self->request->options[WEIR_OPTION_TOP_K];
  const gboolean samples = self->model.samples && !self->thinks;
  const gboolean is_one = weir_slice_equal (temperature, WEIR_SLICE ("1"));

  if (temperature.length > 0 && samples)
    write_temperature (self, temperature);
  else if (temperature.length > 0 && !is_one)
    weir_anthropic_report_option (self, WEIR_OPTION_TEMPERATURE, "temperature");
  if (top_p.length > 0 && samples && temperature.length == 0)
    weir_json_add_raw (&self->json, "top_p", top_p);
  else if (top_p.length > 0 && !weir_slice_equal (top_p, WEIR_SLICE ("1")))
    weir_anthropic_report_option (self, WEIR_OPTION_TOP_P, "top_p");
  if (top_k.length > 0 && samples)
    weir_json_add_raw (&self->json, "top_k", top_k);
  else if (top_k.length > 0)
    weir_anthropic_report_option (self, WEIR_OPTION_TOP_K, "top_k");
}

void
weir_anthropic_write_output (WeirAnthropicWriter *self)
{
  const WeirThinking *thinking = &self->request->thinking;
  const uint64_t max_tokens = write_max_tokens (self);
  const Plan plan = make_plan (self, max_tokens);

  self->thinks = plan.word == SAY_ADAPTIVE || plan.word == SAY_ENABLED;
  if (thinking->shown == WEIR_YES && thinking->mode == WEIR_THINKING_UNSAID)
    weir_anthropic_report (self, WEIR_LOSS_THINKING_SUMMARY, "thinking");
  write_thinking (self, &plan);
  write_output_config (self, plan.effort);
  report_format (self);
  write_sampling (self);
}
