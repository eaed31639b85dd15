/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a client asked, in nobody's dialect.  Four readers make one from a body, four
 * writers make a body from one; no function knows two dialects.
 *
 * Ownership: the request holds the body and one arena; every pointer and slice in it lasts
 * as long as the request does, and nothing in it is freed alone.  After the reader is done
 * a request is const: writers of several upstreams may share it.
 *
 * Texts are JSON-escaped bytes, as between the quotes of a string: mostly those that came,
 * so that copying is all a writer does (weir_json_add_escaped).  Values (schemas,
 * arguments, numbers, whatever a dialect has alone) are one JSON value each, as it came
 * (weir_json_add_raw): they are copied, never printed anew.  An empty slice means "not
 * said"; where an empty text was said and matters, the contract says so.
 *
 * Every message, part and tool keeps `raw`, its own bytes, and `origin`, who wrote them.  A
 * writer of the same dialect may copy raw where it says more than the fields; another
 * writer must not, but for OTHER, which it reports as a loss.  What is opaque (signatures,
 * redacted thinking, encrypted reasoning) goes back only to its origin. */

#include "base/weir-json.h"
#include "chat/weir-arena.h"
#include "chat/weir-protocol.h"

typedef struct _WeirMessage WeirMessage;
typedef struct _WeirPart WeirPart;
typedef struct _WeirTool WeirTool;

/* Three-valued truth. */
typedef enum
{
  WEIR_UNSAID,
  WEIR_NO,
  WEIR_YES,
} WeirSaid;

/* A value that some dialects give as JSON and some as a text that holds JSON: arguments of
 * a call, the result of one. */
typedef enum
{
  WEIR_SPELLING_ABSENT,
  WEIR_SPELLING_TEXT, /* escaped bytes; what they spell need not be JSON */
  WEIR_SPELLING_JSON, /* one JSON value */
} WeirSpelling;

typedef struct
{
  WeirSpelling spelling;
  WeirSlice bytes;
} WeirValue;

/* Where a prompt cache may end (Anthropic cache_control). */
typedef struct
{
  WeirSaid said;
  WeirSlice ttl; /* "5m", "1h"; empty: the vendor's default */
} WeirCacheMark;

/* A member that no field here stands for, kept so that it can be passed on or reported. */
typedef struct _WeirUnknown
{
  struct _WeirUnknown *next; /* (nullable) */
  WeirSlice name;            /* escaped */
  WeirSlice value;           /* raw */
} WeirUnknown;

typedef enum
{
  WEIR_PART_TEXT,              /* text */
  WEIR_PART_IMAGE,             /* media */
  WEIR_PART_AUDIO,             /* media */
  WEIR_PART_VIDEO,             /* media */
  WEIR_PART_FILE,              /* media: documents, and whatever else has a media type */
  WEIR_PART_CALL,              /* call; in ASSISTANT messages only */
  WEIR_PART_RESULT,            /* result; in TOOL messages only */
  WEIR_PART_THINKING,          /* text, thinking; in ASSISTANT messages only */
  WEIR_PART_REDACTED_THINKING, /* thinking.signature is all of it */
  WEIR_PART_REFUSAL,           /* text */
  WEIR_PART_OTHER, /* type_name and raw: server tools and their results, references to items
                    * on the server, search results, code runs, … */
  WEIR_PART_LAST,
} WeirPartType;

typedef enum
{
  WEIR_MEDIA_DATA, /* data is base64 without `data:` */
  WEIR_MEDIA_URL,  /* data is a URL that the upstream fetches */
  WEIR_MEDIA_ID,   /* data is a file id of the origin, or an address that only the origin's
                    * own key opens: opaque */
  WEIR_MEDIA_TEXT, /* data is plain text (Anthropic's text documents) */
} WeirMediaSource;

typedef struct
{
  WeirMediaSource source;
  WeirSlice data;
  WeirSlice media_type; /* "image/png"; empty: unknown.  Chat's audio "wav" becomes
                         * "audio/wav": readers bring every spelling to a media type */
  WeirSlice filename;
  WeirSlice title;   /* of a document */
  WeirSlice context; /* of a document */
  WeirSlice detail;  /* "low", "high", "auto", …; in the client's word */
} WeirMedia;

typedef struct
{
  WeirSlice id; /* empty where the client gave none (Gemini): writers that need one make
                 * "call_<message>_<part>", and the same for its result */
  WeirSlice name;
  WeirSlice scope;     /* namespace that the tool lies in (Responses), mostly empty */
  gboolean custom;     /* arguments is free text, spelling TEXT */
  WeirValue arguments; /* ABSENT: none, to be written as an empty object */
  WeirSlice signature; /* opaque (Gemini thoughtSignature) */
  WeirSlice item_id;   /* Responses: the item's own id, which is not call_id */
} WeirCall;

typedef struct
{
  WeirSlice call_id; /* empty: belongs to the first call called @name that has no result */
  WeirSlice name;    /* of the function; empty where the dialect does not repeat it */
  gboolean custom;   /* answers a custom call */
  WeirSaid is_error; /* Anthropic */
  WeirValue value;   /* ABSENT when the content is in parts instead */
  WeirPart *parts;   /* (nullable) list of TEXT, IMAGE, AUDIO, VIDEO, FILE, OTHER */
  WeirPart *last_part; /* (nullable) private to weir-request.c */
  WeirSlice item_id;   /* Responses */
  const WeirCall
      *of; /* (nullable) the call it answers: weir_request_link_results sets it */
} WeirResult;

typedef struct
{
  WeirSlice signature; /* opaque: Anthropic signature, Responses encrypted_content, Gemini
                        * thoughtSignature; empty: unsigned */
  WeirSlice item_id;   /* Responses */
} WeirThought;

struct _WeirPart
{
  WeirPart *next; /* (nullable) */
  WeirPartType type;
  WeirDialect origin;
  WeirSlice raw; /* one JSON value: the part.  Empty where the part was the plain string
                  * of its message */
  WeirSlice type_name; /* the dialect's own word for the part, mostly of OTHER */
  WeirSlice text;
  WeirSlice signature; /* of a TEXT part (Gemini) */
  union
  {
    WeirMedia media;
    WeirCall call;
    WeirResult result;
    WeirThought thinking;
  };
  WeirCacheMark cache;
  WeirUnknown *unknown; /* (nullable) members of the part, citations among them */
};

typedef enum
{
  WEIR_ROLE_SYSTEM,
  WEIR_ROLE_DEVELOPER,
  WEIR_ROLE_USER,
  WEIR_ROLE_ASSISTANT,
  WEIR_ROLE_TOOL, /* RESULT parts only */
  WEIR_ROLE_LAST,
} WeirRole;

/* Readers keep the order of what came and neither merge nor drop.  A message of the origin
 * that holds results and other parts (Anthropic, Gemini) becomes a TOOL message and a USER
 * message, in the order of the parts, the later ones with @continues.  Every Responses item
 * becomes a message of its own; a reasoning item is an ASSISTANT message with one THINKING
 * part.  Writers that want turns use weir_message_get_turn_end. */
struct _WeirMessage
{
  WeirMessage *next; /* (nullable) */
  WeirRole role;
  WeirDialect origin;
  gboolean top;       /* it stood outside the list of messages: `system`, `instructions`,
                       * `systemInstruction`.  Such ones come first */
  gboolean continues; /* stood in the same message of the origin as the one before it */
  gboolean plain;     /* its content was a string, not a list of parts */
  WeirSlice raw;      /* the message or item; empty with @continues */
  WeirSlice name;     /* of the participant (Chat) */
  WeirSlice item_id;  /* Responses */
  WeirSlice phase;    /* Responses: commentary or final answer, in its own word */
  WeirPart *parts;    /* (nullable) */
  size_t n_parts;
  WeirCacheMark cache;  /* on the message itself */
  WeirUnknown *unknown; /* (nullable) members of the message */
  WeirPart *last_part;  /* (nullable) private to weir-request.c */
};

typedef enum
{
  WEIR_TOOL_FUNCTION,
  WEIR_TOOL_CUSTOM, /* takes free text; format is its grammar */
  WEIR_TOOL_WEB_SEARCH,
  WEIR_TOOL_CODE,             /* the vendor runs code */
  WEIR_TOOL_URL_CONTEXT,      /* the vendor fetches pages */
  WEIR_TOOL_IMAGE_GENERATION, /* the vendor draws */
  WEIR_TOOL_OTHER,            /* type_name and raw */
  WEIR_TOOL_LAST,
} WeirToolType;

/* How a vendor's search is to be made; each is one JSON value. */
typedef struct
{
  WeirSlice location; /* {"type":"approximate","country":…,"city":…,…} */
  WeirSlice depth;    /* "low", "medium", "high": how much of what is found is read */
  WeirSlice allowed;  /* list of domains, the only ones to look at */
  WeirSlice blocked;  /* list of domains, not to be looked at */
  WeirSlice most;     /* number of searches */
} WeirSearch;

struct _WeirTool
{
  WeirTool *next; /* (nullable) */
  WeirToolType type;
  WeirDialect origin;
  WeirSlice raw; /* the tool's own object; of Gemini the one function declaration */
  WeirSlice
      type_name; /* the dialect's own word: "web_search_20250305", "googleSearch", … */
  WeirSlice name;
  WeirSlice scope;       /* namespace that it lies in; tools of a namespace are told one by
                          * one, each with its scope */
  WeirSlice scope_text;  /* description of that namespace */
  WeirSlice description; /* escaped */
  WeirSlice schema;      /* raw; empty: none was given */
  WeirSlice format;      /* raw, of CUSTOM */
  WeirSearch search;     /* of WEB_SEARCH */
  WeirSaid strict;
  WeirSaid deferred; /* not shown to the model until it is asked for */
  WeirCacheMark cache;
  WeirUnknown *unknown; /* (nullable): settings of provider tools too */
};

typedef enum
{
  WEIR_CHOICE_UNSAID,
  WEIR_CHOICE_AUTO,
  WEIR_CHOICE_NONE,
  WEIR_CHOICE_REQUIRED, /* any tool, but one */
  WEIR_CHOICE_TOOL,     /* name, of type */
  WEIR_CHOICE_ALLOWED,  /* one of names; required says whether one must be called */
  WEIR_CHOICE_OTHER,    /* raw */
} WeirToolChoiceMode;

typedef struct _WeirName
{
  struct _WeirName *next; /* (nullable) */
  WeirSlice name;
} WeirName;

typedef struct
{
  WeirToolChoiceMode mode;
  WeirToolType type; /* of TOOL: most often FUNCTION */
  WeirSlice name;
  WeirName *names; /* (nullable) */
  gboolean required;
  WeirSaid parallel; /* NO: at most one call an answer */
  WeirSlice raw;
} WeirToolChoice;

typedef enum
{
  WEIR_FORMAT_UNSAID,
  WEIR_FORMAT_TEXT,
  WEIR_FORMAT_JSON,   /* some JSON object */
  WEIR_FORMAT_SCHEMA, /* name, description, schema, strict */
  WEIR_FORMAT_OTHER,  /* raw */
} WeirFormatType;

typedef struct
{
  WeirFormatType type;
  WeirSlice name;
  WeirSlice description;
  WeirSlice schema; /* raw */
  WeirSaid strict;
  WeirSlice raw;
} WeirFormat;

typedef enum
{
  WEIR_THINKING_UNSAID,
  WEIR_THINKING_OFF,
  WEIR_THINKING_AUTO,   /* the model decides */
  WEIR_THINKING_LEVEL,  /* level */
  WEIR_THINKING_BUDGET, /* budget */
} WeirThinkingMode;

typedef struct
{
  WeirThinkingMode mode;
  WeirSlice level;   /* lower case: minimal low medium high xhigh max, or an unknown word */
  uint64_t budget;   /* tokens, > 0 */
  WeirSaid shown;    /* are thoughts to be sent to the client */
  WeirSlice summary; /* how: auto, concise, detailed, summarized, … in the client's word */
  gboolean from_name; /* it was a suffix of the model's name, which beats the body */
  WeirSlice raw;      /* the dialect's own object */
} WeirThinking;

/* Settings that are one JSON value each; a dialect's table of (option, name) is all that a
 * reader and a writer need.  A writer whose table lacks an option that was said reports the
 * loss, or refuses where the comment says so. */
typedef enum
{
  WEIR_OPTION_MAX_OUTPUT_TOKENS,
  WEIR_OPTION_TEMPERATURE,
  WEIR_OPTION_TOP_P,
  WEIR_OPTION_TOP_K,
  WEIR_OPTION_MIN_P,
  WEIR_OPTION_SEED,
  WEIR_OPTION_PRESENCE_PENALTY,
  WEIR_OPTION_FREQUENCY_PENALTY,
  WEIR_OPTION_REPETITION_PENALTY,
  WEIR_OPTION_LOGIT_BIAS,
  WEIR_OPTION_LOGPROBS,
  WEIR_OPTION_TOP_LOGPROBS,
  WEIR_OPTION_VERBOSITY,
  WEIR_OPTION_USER,     /* a string: `user`, Anthropic metadata.user_id */
  WEIR_OPTION_METADATA, /* an object of the client's own */
  WEIR_OPTION_SAFETY_IDENTIFIER,
  WEIR_OPTION_SAFETY_SETTINGS, /* Gemini */
  WEIR_OPTION_SERVICE_TIER,
  WEIR_OPTION_SPEED, /* Anthropic */
  WEIR_OPTION_STORE,
  WEIR_OPTION_INCLUDE, /* Responses */
  WEIR_OPTION_TRUNCATION,
  WEIR_OPTION_PROMPT_CACHE_KEY,
  WEIR_OPTION_PROMPT_CACHE_RETENTION,
  WEIR_OPTION_CACHE_CONTROL, /* Anthropic: a mark behind all of the prompt */
  WEIR_OPTION_PREDICTION,
  WEIR_OPTION_MODALITIES,       /* refuse when audio is asked of a dialect without it */
  WEIR_OPTION_AUDIO,            /* refuse */
  WEIR_OPTION_IMAGE_CONFIG,     /* Gemini imageConfig */
  WEIR_OPTION_SPEECH_CONFIG,    /* Gemini; refuse */
  WEIR_OPTION_MEDIA_RESOLUTION, /* Gemini */
  WEIR_OPTION_CONTEXT_MANAGEMENT,
  WEIR_OPTION_MAX_TOOL_CALLS,
  WEIR_OPTION_STREAM_OPTIONS,
  /* state on the origin's server: refuse for every other dialect */
  WEIR_OPTION_PREVIOUS_RESPONSE,
  WEIR_OPTION_CONVERSATION,
  WEIR_OPTION_PROMPT, /* Responses: a stored prompt */
  WEIR_OPTION_BACKGROUND,
  WEIR_OPTION_ITEM_REFERENCE, /* Responses: said in `input` */
  WEIR_OPTION_THREAD,         /* Anthropic */
  WEIR_OPTION_CONTAINER,      /* Anthropic */
  WEIR_OPTION_MCP_SERVERS,    /* Anthropic */
  WEIR_OPTION_CACHED_CONTENT, /* Gemini */
  WEIR_OPTION_LAST,
} WeirOption;

struct _WeirRequest
{
  WeirDialect origin;
  GBytes *body;  /* (owned) what slices point into, besides the arena */
  WeirJson json; /* (owned) the body's table: readers parse once, here */

  WeirSlice model; /* escaped, without a thinking suffix */
  gboolean stream;
  WeirAnswerForm form;    /* how the client wants the answer framed */
  WeirSaid include_usage; /* Chat stream_options.include_usage */
  uint64_t n_choices; /* 1 unless more were asked for; writers of a dialect that has only
                       * one refuse more */

  WeirMessage *messages; /* (nullable) */
  size_t n_messages;
  WeirTool *tools; /* (nullable) */
  size_t n_tools;
  WeirToolChoice tool_choice;
  WeirFormat response_format;
  WeirThinking thinking;
  WeirName *stop; /* (nullable) stop sequences, escaped */
  size_t n_stop;
  WeirSlice options[WEIR_OPTION_LAST]; /* raw; empty: not said */
  WeirUnknown *unknown;                /* (nullable) members of the body and of those of its
                                        * objects that are read into fields (generationConfig,
                                        * text, reasoning); names of the latter with a dot */

  /* private to weir-request.c */
  WeirMessage *last_message; /* (nullable) */
  WeirTool *last_tool;       /* (nullable) */
  gpointer last_list;        /* (unowned) (nullable) the list added to last, */
  gpointer last_node;        /* (unowned) (nullable) and its last node */
  WeirArena arena;
};

/* (transfer full): an empty request for @body, of which it takes a reference; the body is
 * parsed with the strict limits of client bodies.  NULL: WEIR_ERROR_BAD_JSON,
 * _JSON_TOO_DEEP, _JSON_DUPLICATE (top level), _TOO_LARGE, or _BAD_REQUEST when it is no
 * object. */
WeirRequest *weir_request_new (WeirDialect origin, GBytes *body, GError **error);
void weir_request_free (WeirRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirRequest, weir_request_free)

/* Nobody will be asked it again: keeps only what the encoders of its answer look at.  These
 * are origin, stream, form, include_usage, n_choices, thinking, each tool's type,
 * type_name, name and scope; and of Responses the body without `input`, of whose table only
 * the members of the root are recorded. */
void weir_request_reduce (WeirRequest *self);

/* For readers.  All of these come zeroed from the arena. */
gpointer weir_request_allocate (WeirRequest *self, size_t size);
/* A copy of @text in the arena. */
WeirSlice weir_request_copy (WeirRequest *self, WeirSlice text);
WeirMessage *weir_request_add_message (WeirRequest *self, WeirRole role);
WeirPart *
weir_request_add_part (WeirRequest *self, WeirMessage *message, WeirPartType type);
/* A part behind the last one of @result's. */
WeirPart *
weir_request_add_result_part (WeirRequest *self, WeirResult *result, WeirPartType type);
WeirTool *weir_request_add_tool (WeirRequest *self, WeirToolType type);
/* Behind the last one of *@list. */
void weir_request_add_name (WeirRequest *self, WeirName **list, WeirSlice name);
/* Keeps the member whose NAME stands at @name of self->json; @prefix (nullable) and a dot
 * stand before its name. */
void weir_request_add_unknown (WeirRequest *self,
                               WeirUnknown **list,
                               const char *prefix,
                               uint32_t name);
/* The last thing a reader does: a result finds its call among those before it: the last one
 * of its id; or, where it has none, the first one of its name that has no result yet.  Ids
 * and names are compared escaped.  WEIR_ERROR_BAD_REQUEST where an id stands twice in one
 * run of ASSISTANT messages: some servers number the calls of each answer from 0, so over a
 * whole conversation ids need not be unique.  A result without a call is no error here:
 * `of` stays NULL. */
gboolean weir_request_link_results (WeirRequest *self, GError **error);

/* For writers.  @out of these: scratch that is overwritten where a text must be made; the
 * slice is good until it is touched again. */

/* @value as escaped text: TEXT as it is, JSON escaped, ABSENT empty. */
WeirSlice weir_value_get_text (const WeirValue *value, GString *out);
/* @value as one JSON value: JSON as it is, TEXT unescaped where that spells one strict JSON
 * value; FALSE where it does not (the writer then wraps or refuses; it never repairs). */
gboolean weir_value_get_json (const WeirValue *value, GString *out, WeirSlice *out_json);
/* @call's arguments as one JSON object: none, or a blank text, is `{}`; a custom call's
 * text stands in its member `input`.  FALSE where they are no object. */
gboolean weir_call_get_object (const WeirCall *call, GString *out, WeirSlice *out_json);
/* @call's arguments as escaped text that spells JSON, for dialects that give it so: none is
 * `{}`, a custom call's as above, whatever else was said comes as it is. */
WeirSlice weir_call_get_text (const WeirCall *call, GString *out);

/* Runs of messages of one side: ASSISTANT messages; or USER and TOOL ones; or SYSTEM and
 * DEVELOPER ones.  The run that starts at @first reaches up to the message returned
 * (nullable: to the end), so
 *   for (turn = request->messages; turn != NULL; turn = end)
 *     end = weir_message_get_turn_end (turn); … */
const WeirMessage *weir_message_get_turn_end (const WeirMessage *first);

/* May opaque bytes of @part go to an upstream of @dialect? */
static inline gboolean
weir_part_may_return (const WeirPart *part, WeirDialect dialect)
{
  return part->origin == dialect;
}

/* What a writer could not say.  @loss is a constant word ("top-k", "image-url",
 * "signature", …: one list for all writers, in weir-loss.h), @where (nullable) a
 * path such as "messages[3].parts[0]" whose indexes count this type's lists. */
typedef void (*WeirLossFunc) (const char *loss, const char *where, gpointer user_data);

struct _WeirWriteOptions
{
  WeirSlice model; /* escaped: the upstream's name of it */
  gboolean stream; /* what is asked of the upstream, whatever the client wanted */
  WeirLossFunc on_loss;
  gpointer user_data;
};
