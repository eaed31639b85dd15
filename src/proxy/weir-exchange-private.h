/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The exchange's inside, shared by its files: weir-exchange.c (life),
 * weir-exchange-attempt.c (who is asked, and again), weir-exchange-request.c (what is
 * read), weir-exchange-send.c (what is sent), weir-exchange-head.c
 * and weir-exchange-answer.c (what comes back),
 * weir-exchange-client.c (what the client gets), weir-exchange-translate.c (the grade
 * TRANSLATED), weir-exchange-vendor.c (what an account's vendor wants beyond its dialect),
 * weir-exchange-token.c (an account's token), weir-exchange-recall.c (what came before),
 * weir-exchange-images.c (pictures).
 */

#include "base/weir-json-edit.h"
#include "chat/weir-response-recorder.h"
#include "chat/weir-translation.h"
#include "providers/weir-echo.h"
#include "providers/weir-hook.h"
#include "providers/weir-verdict.h"
#include "http/weir-http-coding.h"
#include "proxy/weir-exchange.h"
#include "proxy/weir-send.h"

typedef enum
{
  WEIR_EXCHANGE_RECEIVING,
  WEIR_EXCHANGE_WAITING, /* all that could serve rest, one of them not for long */
  WEIR_EXCHANGE_CONNECTING,
  WEIR_EXCHANGE_AWAITING,  /* sent; the head of the reply is to come */
  WEIR_EXCHANGE_PROBING,   /* a stream, nothing of it passed on yet */
  WEIR_EXCHANGE_GATHERING, /* a whole answer or an error, kept until it has ended */
  WEIR_EXCHANGE_STREAMING,
  WEIR_EXCHANGE_LOCAL,    /* the built-in model speaks */
  WEIR_EXCHANGE_DRAINING, /* the client has its answer; the upstream's framing is read out
                           */
  WEIR_EXCHANGE_DONE,
} WeirExchangeState;

/* Why the last attempt did not serve, and what the client is told if none does. */
typedef struct
{
  WeirError code;
  char *message;   /* (owned) (nullable) redacted */
  unsigned status; /* of the upstream's own error answer; 0 without */
  GBytes *body;    /* (owned) (nullable) of it, fit to be handed on */
  GString *fields; /* (owned) (nullable) of it, allow-listed */
} WeirFailure;

/* Somebody waits for the token of an account; outlives an exchange that is gone. */
typedef struct _WeirTokenWait WeirTokenWait;

struct _WeirExchange
{
  WeirExchangeHost *host;     /* (unowned) */
  WeirConnection *connection; /* (unowned) (nullable): NULL once answered or left */
  WeirRouting *routing;       /* (owned) */
  const WeirRoute *route;
  const WeirProtocol *protocol;
  GList link; /* in host->exchanges */
  WeirExchangeState state;
  gboolean begun;      /* the answer's head is out: committed */
  WeirTimer reaper;    /* frees the memory when nobody stands inside it */
  WeirTimer keepalive; /* comments, blank lines, the built-in model's words */
  uint64_t number;     /* of the request since the start */
  char id[24];
  char agent[40];    /* the first word of the client's User-Agent, printable; "" without */
  WeirCaller caller; /* the routing's */

  GString *client_fields; /* (owned) (nullable) of weir_exchange_dup_fields */
  char *query;            /* (owned) (nullable) without our key */
  char *form_type;        /* (owned) (nullable) Content-Type of a body that is a form */
  char *model;            /* (owned) (nullable) as the client said it */
  size_t model_start; /* of its value in the body, quotes included; 0 and 0 where the path
                         has it */
  size_t model_end;
  gboolean wants_stream;
  gboolean has_suffix;  /* the model's name says how hard to think: `model(high)` */
  gboolean is_stateful; /* must not be sent twice on a doubt */
  gboolean is_respelt;  /* the body is one of Responses, where Chat is spoken */
  gboolean is_replaced; /* the body is no longer the client's own */
  char *previous;       /* (owned) (nullable) id of the response that this one follows */
  WeirResponseRecorder *recorder; /* (owned) (nullable) */

  WeirModel *entry; /* (owned) (nullable) */
  char session[48]; /* what binds the conversation to a seat; "" where nothing does */
  gboolean session_is_new;
  WeirReservation reservation; /* of the key's limits */

  guint8 *scope; /* (owned) (nullable) bitmap of the seats that may and can serve this */
  WeirPoolTried tried;
  unsigned attempts;   /* sent */
  unsigned asked;      /* seats that were to be sent to */
  unsigned asked_paid; /* those that count against the most that one request may have */
  unsigned n_failed;   /* of them */
  unsigned n_fatal;    /* of these: the key or the money is refused, and will be again */
  unsigned rotations_left;
  unsigned round;
  unsigned restarts; /* of streams, before their first byte */
  WeirTimer wait;
  int64_t retry_at_us; /* when somebody may serve again; -1: not known */
  int64_t queued_us;   /* since then it waits for a turn, round by round anew; -1: not */
  gboolean holds_seat; /* picked, and not given back to the pool */
  gboolean is_served;  /* the attempt under way was reported as fine */
  gboolean is_free;    /* the last failure cost nobody anything */
  gboolean is_fatal;   /* it was one of n_fatal */
  GString *failures;   /* (owned) (nullable) each with its account */
  const WeirModelRoute *seat_route; /* (unowned) the entry's */
  WeirSeat *seat;                   /* (unowned) the routing's */
  GCancellable *connecting;         /* (owned) (nullable) */
  unsigned connects_pending;        /* callbacks still to come */
  WeirSecret *token;                /* (owned) (nullable) of the seat's account */
  WeirTokenWait *token_wait;        /* (unowned) (nullable) */
  gboolean token_renewed;           /* in this attempt: once is enough */
  GString *request_head;            /* (owned) (nullable) */
  WeirJsonEdit edit;
  WeirTranslation
      *translation;  /* (owned) (nullable) where some seat speaks another dialect */
  GBytes *made_body; /* (owned) (nullable) of the attempt under way, where it is not the
                        client's with splices */
  WeirSend send;

  unsigned reply_status;
  WeirAnswerForm form;
  unsigned sent_status;
  gboolean translated;     /* the attempt under way is */
  GString *reply_fields;   /* (owned) (nullable) allow-listed, for the client */
  GString *verdict_fields; /* (owned) (nullable) for the verdict on an error */
  GByteArray *held;        /* (owned) (nullable) not passed on yet */
  size_t boundary;         /* of @held: behind it nothing unfinished stands */
  WeirHttpCoding *coding;  /* (owned) (nullable) what the answer is compressed by */
  gboolean is_opaque;      /* it is compressed by something else: its bytes say nothing */
  WeirHookStream *hooked;  /* (owned) (nullable) the stream before the decoder */
  WeirDecoder *decoder;    /* (owned) (nullable) */
  WeirFailure failure;
  WeirEcho *echo; /* (owned) (nullable) */

  int64_t began_us;
  int64_t first_byte_us; /* -1: none yet */
  int64_t written_us;    /* last write to the client */
  int64_t keepalive_us;  /* silence after which a sign of life is due */
  uint64_t bytes_in;
  uint64_t bytes_out;
};

#define WEIR_EXCHANGE_ATTEMPTS_MAX 3 /* paid ones */
#define WEIR_EXCHANGE_PROBE_BYTES (16u << 10)
#define WEIR_EXCHANGE_ERROR_BODY_MAX (256u << 10)
#define WEIR_EXCHANGE_ANSWER_MAX (64u << 20)

extern const WeirSendOwner weir_exchange_send_owner;

/* weir-exchange-request.c */
gboolean weir_exchange_read_request (WeirExchange *self, GError **error);
gboolean weir_exchange_start_echo (WeirExchange *self, GError **error);
WeirAnswerForm weir_exchange_get_wanted_form (const WeirExchange *self);
/* The client's field called @name (lower case). */
gboolean weir_exchange_lookup_field (const WeirExchange *self,
                                     const char *name,
                                     WeirSlice *out_value);
/* Another body instead of the client's; the model's place in it is found anew. */
gboolean weir_exchange_replace_body (WeirExchange *self, GBytes *body, GError **error);
/* The key's own, before the client's. */
gboolean weir_exchange_add_system_prompt (WeirExchange *self, GError **error);

/* weir-exchange-send.c */
gboolean weir_exchange_write_request (WeirExchange *self, GError **error);
WeirSlice *weir_exchange_dup_runs (WeirExchange *self, unsigned *out_n);

/* weir-exchange-refusal.c */
/* The decoder has seen the dialect's own error. */
void weir_exchange_fail_by_event (WeirExchange *self);
/* What was gathered is the body of a status that is no answer. */
void weir_exchange_fail_by_answer (WeirExchange *self);

/* weir-exchange-unpack.c */
typedef void (*WeirExchangeTake) (WeirExchange *self, const char *bytes, size_t length);
/* What the answer behind @head is compressed by. */
void weir_exchange_begin_unpacking (WeirExchange *self, const WeirHttpHead *head);
/* Hands on what @bytes come to, piece by piece.  FALSE: they are broken. */
gboolean weir_exchange_unpack (WeirExchange *self,
                               WeirSlice bytes,
                               WeirExchangeTake take,
                               GError **error);
/* The answer has ended: FALSE when what it is compressed by has not. */
gboolean weir_exchange_is_unpacked (const WeirExchange *self, GError **error);

/* weir-exchange-vendor.c */
/* The hook of the seat of the attempt, or NULL. */
static inline const WeirHook *
weir_exchange_get_hook (const WeirExchange *self)
{
  return self->seat->provider->hook;
}
/* Is the client @provider's own program, or has it none? */
gboolean weir_exchange_is_own_client (const WeirExchange *self,
                                      const WeirProvider *provider);
/* (transfer full) (nullable): why nobody is left: each account serves its vendor's program
 * only. */
char *weir_exchange_dup_client_refusal (const WeirExchange *self);
/* Does the answer come as a stream whatever the client asked for? */
gboolean weir_exchange_only_streams (const WeirExchange *self);
/* (transfer full): @body as the hook's endpoint wants it. */
GBytes *weir_exchange_hook_body (const WeirExchange *self, WeirSlice body, GError **error);
/* Fields of every request to the seat. */
void weir_exchange_write_vendor_fields (const WeirSeat *seat, GString *out);
/* Fields of this one. */
void weir_exchange_write_hook_fields (WeirExchange *self, WeirSlice body);
/* The held answer, whole, as its dialect has it. */
gboolean weir_exchange_unhook_whole (WeirExchange *self, GError **error);
/* Does the error that is held say that the token is no longer one? */
gboolean weir_exchange_is_token_refused (const WeirExchange *self);
/* Begins to unwrap a stream, where it is to be. */
void weir_exchange_begin_unhooking (WeirExchange *self);
/* Nothing of the stream waits for its other half. */
gboolean weir_exchange_is_unhooked (const WeirExchange *self);

/* weir-exchange-token.c */
/* What the seat's requests are known by: NULL: nothing, or not yet. */
static inline WeirSecret *
weir_exchange_get_secret (const WeirExchange *self)
{
  return self->seat->takes_token ? self->token : self->seat->api_key;
}
/* Takes the token of the account where it is known. */
void weir_exchange_take_token (WeirExchange *self);
/* Asks for it; then the request is written anew and sent.  @refused (nullable). */
void weir_exchange_fetch_token (WeirExchange *self, const WeirSecret *refused);
/* A 401 has come: TRUE: a new token is being asked for. */
gboolean weir_exchange_renew_token (WeirExchange *self);
/* Nobody waits any more. */
void weir_exchange_drop_token (WeirExchange *self);

/* weir-exchange-head.c */
/* Some upstreams say back what they were sent: what has our key in it is nobody's business.
 */
gboolean weir_exchange_says_our_key (const WeirExchange *self, WeirSlice text);
/* Does a stream that has failed before its first byte go to the client as it is? */
gboolean weir_exchange_passes_failure (const WeirExchange *self,
                                       const WeirVerdict *verdict);
void weir_exchange_keep_fields (WeirExchange *self, const WeirHttpHead *head);
/* The seat of the attempt was used; @reading (nullable): what its vendor said of quotas. */
void weir_exchange_tell_quota (const WeirExchange *self, const WeirQuotaReading *reading);
/* Sets @form; FALSE when the bytes behind @head cannot be an answer. */
gboolean
weir_exchange_decide_form (WeirExchange *self, const WeirHttpHead *head, GError **error);

/* weir-exchange-answer.c: what is held of a stream goes out, whatever it is. */
void weir_exchange_commit (WeirExchange *self);

/* weir-exchange-translate.c */
/* Can @seat serve the request, in its own dialect or by translation? */
gboolean weir_exchange_can_ask (const WeirExchange *self,
                                const WeirSeat *seat,
                                const char *upstream_name);
/* Sets @translated and, where it is, @made_body for the seat of the attempt. */
gboolean weir_exchange_translate_request (WeirExchange *self, GError **error);
/* The path operation asked of the seat. */
WeirOperation weir_exchange_get_operation (const WeirExchange *self);
/* A decoder of the answer to come. */
void weir_exchange_begin_answer (WeirExchange *self);
/* Passes on what the encoder has said. */
void weir_exchange_pass_translated (WeirExchange *self);
void weir_exchange_answer_translated (WeirExchange *self);
/* An upstream's error body, told as its dialect tells it: (transfer full) (nullable)
 * message. */
char *weir_exchange_dup_error_message (WeirExchange *self);
/* Was a count asked of an upstream that has no such path?  Its word for it is a status. */
gboolean weir_exchange_lacks_counter (const WeirExchange *self);
/* Token counts where no upstream counts: answered by a local estimate. */
void weir_exchange_answer_estimate (WeirExchange *self);

/* weir-exchange-images.c */
gboolean weir_exchange_is_picture (const WeirExchange *self);
/* Does @provider take the request as it came? */
gboolean weir_exchange_has_own_path (const WeirExchange *self,
                                     const WeirProvider *provider,
                                     const char *upstream_name);
gboolean weir_exchange_can_draw (const WeirExchange *self,
                                 const WeirProvider *provider,
                                 const char *upstream_name);
/* The last word to the client. */
void weir_exchange_refuse_drawing (WeirExchange *self);
/* What weir_exchange_read_request reads, of a form. */
gboolean weir_exchange_read_form (WeirExchange *self, GError **error);
/* (transfer full) (nullable): the body as JSON, whatever it came as.  What came as JSON is
 * not copied: good until weir_exchange_drop_request. */
GBytes *weir_exchange_lend_json_body (const WeirExchange *self, GError **error);

/* weir-exchange-recall.c */
/* Puts the items of the previous response into the body, where only we can know them; from
 * here on the answer is recorded where it may be gone on with.
 * WEIR_ERROR_RESPONSE_NOT_FOUND: nobody can know it. */
gboolean weir_exchange_recall (WeirExchange *self, GError **error);
/* The answer's next bytes for the client, or all of it as one document. */
void weir_exchange_record (WeirExchange *self, const struct iovec *parts, int n_parts);
void weir_exchange_record_whole (WeirExchange *self, GBytes *body);

/* weir-exchange-attempt.c */
/* Who can serve this at all?  FALSE: nobody, in this dialect. */
gboolean weir_exchange_find_seats (WeirExchange *self);
/* The next seat, now or when one has rested; or the end. */
void weir_exchange_try_next (WeirExchange *self);
void weir_exchange_retry_same (WeirExchange *self);
/* The request is written: on an idle link or a new one. */
void weir_exchange_send (WeirExchange *self);
/* The seat has begun to answer. */
void weir_exchange_report_served (WeirExchange *self);
/* The attempt has failed: what that means for the seat, and for what is tried now. */
void weir_exchange_report_failure (WeirExchange *self, const WeirVerdict *verdict);
void weir_exchange_release_seat (WeirExchange *self);
void weir_exchange_set_failure (WeirExchange *self, WeirError code, const char *message);
void weir_exchange_clear_failure (WeirExchange *self);

/* weir-exchange.c */
void weir_exchange_clear_reply (WeirExchange *self);
/* What only sending needs; not kept while an answer streams. */
void weir_exchange_drop_request (WeirExchange *self);
/* The connection goes its own way: nothing more is said by this exchange. */
WeirConnection *weir_exchange_take_connection (WeirExchange *self);
void weir_exchange_write_log (WeirExchange *self,
                              const char *outcome,
                              const char *error_code,
                              const char *detail);
/* The one exit.  @outcome NULL: it was logged before, when the client had its answer. */
void weir_exchange_finish (WeirExchange *self,
                           const char *outcome,
                           const char *error_code,
                           const char *detail);

/* weir-exchange-client.c: each of the first five is the last word to the client */
void weir_exchange_answer_whole (WeirExchange *self,
                                 unsigned status,
                                 GBytes *body,
                                 const GString *fields);
void weir_exchange_answer_error (WeirExchange *self, WeirError code, const char *message);
void weir_exchange_answer_limited (WeirExchange *self,
                                   const char *message,
                                   int64_t retry_after_us);
void weir_exchange_give_up (WeirExchange *self); /* with the failure that was set */
void weir_exchange_end_stream (WeirExchange *self);
void weir_exchange_cut_stream (WeirExchange *self,
                               WeirError code,
                               const char *message,
                               gboolean error_was_sent);
void weir_exchange_begin_stream (WeirExchange *self);
gboolean weir_exchange_write (WeirExchange *self, const struct iovec *parts, int n_parts);
/* Signs of life from now on, where the user wants them: blank lines on unary answers,
 * comments on streams.  The first one commits. */
void weir_exchange_arm_keepalive (WeirExchange *self);
void weir_exchange_answer_locally (WeirExchange *self);
