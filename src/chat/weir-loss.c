/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The words for what is lost, and which options must not be. */

#include "config.h"

#include "chat/weir-loss.h"

#include "base/weir-error.h"

typedef enum
{
  LOST,    /* reported */
  REFUSED, /* leaving it out would change the meaning */
  AUDIO,   /* refused where it asks for sound, else reported */
  HEARD,   /* what it asks for is done by the encoder of the answer */
} Fate;

#define HARMLESS_MOST 5

typedef struct
{
  const char *word;
  const char *name; /* the member that clients know */
  Fate fate;
  const char *sentence;
  const char *harmless[HARMLESS_MOST]; /* values that ask for what happens anyway */
} OptionRow;

/* clang-format off */
static const OptionRow options[] = {
  [WEIR_OPTION_MAX_OUTPUT_TOKENS] = { "max-output-tokens", "max_output_tokens", LOST, "the answer's length is not limited" },
  [WEIR_OPTION_TEMPERATURE] = { "temperature", "temperature", LOST, "the upstream's own temperature is used", { "1", "1.0" } },
  [WEIR_OPTION_TOP_P] = { "top-p", "top_p", LOST, "the upstream's own top_p is used", { "1", "1.0" } },
  [WEIR_OPTION_TOP_K] = { "top-k", "top_k", LOST, "the upstream's own top_k is used" },
  [WEIR_OPTION_MIN_P] = { "min-p", "min_p", LOST, "the upstream's own min_p is used", { "0", "0.0" } },
  [WEIR_OPTION_SEED] = { "seed", "seed", LOST, "the answer cannot be repeated by its seed" },
  [WEIR_OPTION_PRESENCE_PENALTY] = { "presence-penalty", "presence_penalty", LOST, "repeated topics are not punished", { "0", "0.0" } },
  [WEIR_OPTION_FREQUENCY_PENALTY] = { "frequency-penalty", "frequency_penalty", LOST, "repeated words are not punished", { "0", "0.0" } },
  [WEIR_OPTION_REPETITION_PENALTY] = { "repetition-penalty", "repetition_penalty", LOST, "repetition is not punished", { "1", "1.0" } },
  [WEIR_OPTION_LOGIT_BIAS] = { "logit-bias", "logit_bias", LOST, "no token is made more or less likely", { "{}" } },
  [WEIR_OPTION_LOGPROBS] = { "logprobs", "logprobs", LOST, "the answer has no probabilities", { "false" } },
  [WEIR_OPTION_TOP_LOGPROBS] = { "top-logprobs", "top_logprobs", LOST, "the answer has no probabilities of other tokens", { "0" } },
  [WEIR_OPTION_VERBOSITY] = { "verbosity", "verbosity", LOST, "the answer is as long as the upstream likes", { "\"medium\"" } },
  [WEIR_OPTION_USER] = { "user", "user", LOST, "the upstream does not learn the user's name" },
  [WEIR_OPTION_METADATA] = { "metadata", "metadata", LOST, "the upstream keeps no metadata", { "{}" } },
  [WEIR_OPTION_SAFETY_IDENTIFIER] = { "safety-identifier", "safety_identifier", LOST, "the upstream does not learn the user's identifier" },
  [WEIR_OPTION_SAFETY_SETTINGS] = { "safety-settings", "safetySettings", LOST, "the upstream's own safety settings are used", { "[]" } },
  [WEIR_OPTION_SERVICE_TIER] = { "service-tier", "service_tier", LOST, "the upstream's own service tier is used", { "\"auto\"", "\"default\"" } },
  [WEIR_OPTION_SPEED] = { "speed", "speed", LOST, "the upstream's usual speed is used", { "\"standard\"" } },
  [WEIR_OPTION_STORE] = { "store", "store", LOST, "the upstream does not keep the answer", { "false" } },
  [WEIR_OPTION_INCLUDE] = { "include", "include", LOST, "the answer has nothing of what was to be included", { "[]", "[\"reasoning.encrypted_content\"]", "[\"message.output_text.logprobs\"]", "[\"reasoning.encrypted_content\",\"message.output_text.logprobs\"]", "[\"message.output_text.logprobs\",\"reasoning.encrypted_content\"]" } },
  [WEIR_OPTION_TRUNCATION] = { "truncation", "truncation", LOST, "a conversation that is too long is not cut", { "\"disabled\"" } },
  [WEIR_OPTION_PROMPT_CACHE_KEY] = { "prompt-cache-key", "prompt_cache_key", LOST, "the upstream caches by its own rules" },
  [WEIR_OPTION_PROMPT_CACHE_RETENTION] = { "prompt-cache-retention", "prompt_cache_retention", LOST, "the upstream caches for as long as it likes" },
  [WEIR_OPTION_CACHE_CONTROL] = { WEIR_LOSS_CACHE_MARK, "cache_control", LOST, "where the prompt may be cached was left out" },
  [WEIR_OPTION_PREDICTION] = { "prediction", "prediction", LOST, "the answer is not predicted, only slower" },
  [WEIR_OPTION_MODALITIES] = { "modalities", "modalities", AUDIO, "the answer is text", { "[\"text\"]", "[\"TEXT\"]" } },
  [WEIR_OPTION_AUDIO] = { "audio", "audio", REFUSED, "the answer has no sound" },
  [WEIR_OPTION_IMAGE_CONFIG] = { "image-config", "imageConfig", LOST, "pictures have the upstream's own shape" },
  [WEIR_OPTION_SPEECH_CONFIG] = { "speech-config", "speechConfig", REFUSED, "the answer has no speech" },
  [WEIR_OPTION_MEDIA_RESOLUTION] = { "media-resolution", "mediaResolution", LOST, "pictures are read in the upstream's own resolution", { "\"MEDIA_RESOLUTION_UNSPECIFIED\"" } },
  [WEIR_OPTION_CONTEXT_MANAGEMENT] = { "context-management", "context_management", LOST, "nothing is cleared out of a long conversation" },
  [WEIR_OPTION_MAX_TOOL_CALLS] = { "max-tool-calls", "max_tool_calls", LOST, "calls are not counted" },
  [WEIR_OPTION_STREAM_OPTIONS] = { "stream-options", "stream_options", HEARD, "the stream is as always" },
  [WEIR_OPTION_PREVIOUS_RESPONSE] = { "previous-response", "previous_response_id", REFUSED, "the earlier answer is not known" },
  [WEIR_OPTION_CONVERSATION] = { "conversation", "conversation", REFUSED, "the conversation is not known" },
  [WEIR_OPTION_PROMPT] = { "prompt", "prompt", REFUSED, "the stored prompt is not known" },
  [WEIR_OPTION_BACKGROUND] = { "background", "background", REFUSED, "the answer is not made in the background", { "false" } },
  [WEIR_OPTION_ITEM_REFERENCE] = { "item-reference", "item_reference", REFUSED, "the item is not known" },
  [WEIR_OPTION_THREAD] = { "thread", "thread", REFUSED, "the thread is not known" },
  [WEIR_OPTION_CONTAINER] = { "container", "container", REFUSED, "the container is not known" },
  [WEIR_OPTION_MCP_SERVERS] = { "mcp-servers", "mcp_servers", REFUSED, "the servers are not asked", { "[]" } },
  [WEIR_OPTION_CACHED_CONTENT] = { "cached-content", "cachedContent", REFUSED, "the cached content is not known" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (options) == WEIR_OPTION_LAST);

static const struct
{
  const char *word;
  const char *sentence;
} losses[] = {
  { WEIR_LOSS_SIGNATURE, "a signature of another vendor was left out" },
  { WEIR_LOSS_THINKING, "earlier thoughts were left out: the upstream has no word for them" },
  { WEIR_LOSS_THINKING_REDACTED, "encrypted thoughts of another vendor were left out" },
  { WEIR_LOSS_THINKING_UNSIGNED, "earlier thoughts were left out: the upstream takes only signed ones" },
  { WEIR_LOSS_THINKING_LEVEL, "how hard to think was said by the nearest word or number" },
  { WEIR_LOSS_THINKING_SUMMARY, "whether thoughts are shown is for the upstream to decide" },
  { WEIR_LOSS_CALL_WITHOUT_RESULT, "a call without a result was left out: the upstream refuses such" },
  { WEIR_LOSS_CALL_ARGUMENTS, "arguments of a call that are no JSON object were put into one" },
  { WEIR_LOSS_RESULT_ERROR, "that a call failed is not said apart from its result" },
  { WEIR_LOSS_RESULT_MEDIA, "media in a result was left out or moved behind it" },
  { WEIR_LOSS_IMAGE_DETAIL, "how closely to look at a picture was left out" },
  { WEIR_LOSS_IMAGE_URL, "a picture was said by its address in words" },
  { WEIR_LOSS_MEDIA_NAME, "a file's name or title was left out" },
  { WEIR_LOSS_MEDIA_CONTEXT, "what was said about a document was left out" },
  { WEIR_LOSS_MEDIA_ASSISTANT, "media in the model's own turn was left out" },
  { WEIR_LOSS_CACHE_MARK, "where the prompt may be cached was left out" },
  { WEIR_LOSS_CITATIONS, "citations of an earlier answer were left out" },
  { WEIR_LOSS_REFUSAL, "an earlier refusal was said as text" },
  { WEIR_LOSS_EMPTY_TEXT, "an empty text was left out: the upstream refuses such" },
  { WEIR_LOSS_PART, "a part that only its own vendor knows was left out" },
  { WEIR_LOSS_UNKNOWN_MEMBER, "a member that is not known here was left out" },
  { WEIR_LOSS_MESSAGE_NAME, "a participant's name was left out" },
  { WEIR_LOSS_MESSAGE_PHASE, "the phase of a message was left out" },
  { WEIR_LOSS_ITEM_ID, "the id of an item was left out" },
  { WEIR_LOSS_SYSTEM_POSITION, "instructions in the middle were moved or said by the user" },
  { WEIR_LOSS_SYSTEM_MEDIA, "media in instructions was left out" },
  { WEIR_LOSS_PREFILL, "the beginning of the answer that was given may be said again" },
  { WEIR_LOSS_PROVIDER_TOOL, "a tool that only its own vendor runs was left out" },
  { WEIR_LOSS_WEB_SEARCH, "how to search the web, or where, was left out" },
  { WEIR_LOSS_TOOL_FORMAT, "the grammar of a tool's text was left out" },
  { WEIR_LOSS_TOOL_STRICT, "that arguments must fit their schema was left out" },
  { WEIR_LOSS_TOOL_DEFERRED, "a tool to be found later is shown at once" },
  { WEIR_LOSS_TOOL_SCOPE_TEXT, "the description of a namespace of tools was left out" },
  { WEIR_LOSS_TOOL_CHOICE, "which tools may be called was said less exactly" },
  { WEIR_LOSS_TOOL_PARALLEL, "whether calls may stand side by side was left out" },
  { WEIR_LOSS_SCHEMA_KEYWORD, "a keyword of a schema was left out" },
  { WEIR_LOSS_FORMAT, "the form of the answer was said less exactly" },
  { WEIR_LOSS_FORMAT_NAME, "name or description of the answer's schema was left out" },
  { WEIR_LOSS_STOP, "stop sequences were left out" },
  { WEIR_LOSS_RANGE, "a number was brought into the upstream's range" },
  { WEIR_LOSS_ANSWER_CHOICE, "a further choice of the answer was left out" },
  { WEIR_LOSS_ANSWER_IMAGE, "a picture in the answer was left out" },
  { WEIR_LOSS_ANSWER_PART, "a part of the answer that only its vendor knows was left out" },
  { WEIR_LOSS_ANSWER_REFUSAL, "a refusal was said as text" },
  { WEIR_LOSS_ANSWER_SIGNATURE, "a signature in the answer was left out" },
  { WEIR_LOSS_ANSWER_THINKING, "thoughts in the answer were left out" },
};
/* clang-format on */

const char *
weir_loss_lookup_sentence (const char *loss)
{
  for (size_t i = 0; i < G_N_ELEMENTS (losses); i++)
    if (strcmp (losses[i].word, loss) == 0)
      return losses[i].sentence;
  for (size_t i = 0; i < G_N_ELEMENTS (options); i++)
    if (strcmp (options[i].word, loss) == 0)
      return options[i].sentence;
  return NULL;
}

const char *
weir_loss_get_option_word (WeirOption option)
{
  g_return_val_if_fail (option < WEIR_OPTION_LAST, NULL);

  return options[option].word;
}

static char *
put_index (char *to, const char *name, unsigned index)
{
  const size_t length = strlen (name);
  char digits[10];
  size_t n = 0;

  memcpy (to, name, length);
  to += length;
  *to++ = '[';
  do
    digits[n++] = (char)('0' + index % 10);
  while ((index /= 10) > 0);
  while (n > 0)
    *to++ = digits[--n];
  *to++ = ']';
  *to = '\0';
  return to;
}

void
weir_loss_put_tool (char out[WEIR_LOSS_PLACE_MAX], unsigned tool)
{
  put_index (out, "tools", tool);
}

void
weir_loss_put_message (char out[WEIR_LOSS_PLACE_MAX], unsigned message)
{
  put_index (out, "messages", message);
}

void
weir_loss_put_part (char out[WEIR_LOSS_PLACE_MAX], unsigned message, unsigned part)
{
  put_index (put_index (out, "messages", message), ".parts", part);
}

void
weir_loss_report (
    WeirLossFunc on_loss, gpointer user_data, const char *loss, const char *where, ...)
{
  g_autofree char *place = NULL;
  va_list arguments;

  if (on_loss == NULL)
    return;
  va_start (arguments, where);
  place = g_strdup_vprintf (where, arguments);
  va_end (arguments);
  on_loss (loss, place, user_data);
}

void
weir_loss_report_unknown (WeirLossFunc on_loss,
                          gpointer user_data,
                          const WeirUnknown *unknown,
                          const char *where)
{
  if (on_loss == NULL)
    return;
  for (; unknown != NULL; unknown = unknown->next)
    {
      g_autofree char *name = weir_slice_dup (unknown->name);

      weir_loss_report (on_loss, user_data, WEIR_LOSS_UNKNOWN_MEMBER, "%s%s%s",
                        where != NULL ? where : "", where != NULL ? "." : "", name);
    }
}

/* Is @value @text but for white space, of which @text has none? */
static gboolean
equals_compact (WeirSlice value, const char *text)
{
  for (size_t i = 0; i < value.length; i++)
    if (!g_ascii_isspace (value.text[i]) && *text++ != value.text[i])
      return FALSE;
  return *text == '\0';
}

gboolean
weir_loss_is_harmless (WeirOption option, WeirSlice value)
{
  const OptionRow *row = &options[option];

  for (size_t i = 0; i < HARMLESS_MOST && row->harmless[i] != NULL; i++)
    if (equals_compact (value, row->harmless[i]))
      return TRUE;
  return FALSE;
}

static gboolean
asks_for_audio (WeirSlice modalities)
{
  const WeirSlice word = WEIR_SLICE ("\"audio\"");

  for (size_t i = 0; i + word.length <= modalities.length; i++)
    if (weir_slice_equal_nocase ((WeirSlice){ modalities.text + i, word.length }, word))
      return TRUE;
  return FALSE;
}

static gboolean
is_said (const WeirOption *said, WeirOption option)
{
  for (; *said != WEIR_OPTION_LAST; said++)
    if (*said == option)
      return TRUE;
  return FALSE;
}

static gboolean
refuse (const char *name, WeirDialect target, gboolean is_thread, GError **error)
{
  return weir_error_set (error, is_thread ? WEIR_ERROR_THREAD : WEIR_ERROR_UNSUPPORTED,
                         "%s cannot be said to an upstream that speaks %s", name,
                         weir_protocol_get (target)->name);
}

gboolean
weir_loss_check_options (const WeirRequest *request,
                         WeirDialect target,
                         const WeirOption *said,
                         WeirLossFunc on_loss,
                         gpointer user_data,
                         GError **error)
{
  const gboolean one_choice
      = target == WEIR_DIALECT_OPENAI_RESPONSES || target == WEIR_DIALECT_ANTHROPIC;

  if (one_choice && request->n_choices > 1)
    return refuse ("more than one choice", target, FALSE, error);
  for (unsigned i = 0; i < WEIR_OPTION_LAST; i++)
    {
      const OptionRow *row = &options[i];
      const WeirSlice value = request->options[i];

      if (value.length == 0 || is_said (said, (WeirOption)i) || row->fate == HEARD
          || weir_loss_is_harmless ((WeirOption)i, value))
        continue;
      if (row->fate == REFUSED || (row->fate == AUDIO && asks_for_audio (value)))
        return refuse (row->name, target, i == WEIR_OPTION_THREAD, error);
      weir_loss_report (on_loss, user_data, row->word, "%s", row->name);
    }
  return TRUE;
}
