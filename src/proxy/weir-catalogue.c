/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model lists asked of the upstreams.  A failure changes nothing: the names known before,
 * or the provider's globs, go on serving, and it is asked again. */

#include "config.h"

#include "proxy/weir-catalogue.h"

#include "base/weir-clock.h"
#include "proxy/weir-discovery.h"

#define REFRESH_US (3 * 3600 * WEIR_USEC_PER_SEC)
/* Twice as long each time, up to 80 minutes: nobody is to be asked all day for nothing. */
#define RETRY_US (300 * WEIR_USEC_PER_SEC)
#define DOUBLINGS_MAX 4
/* A network that comes says so several times. */
#define SETTLE_US (5 * WEIR_USEC_PER_SEC)

struct _WeirCatalogue
{
  WeirPoller *poller;            /* (unowned) */
  WeirControlSession *session;   /* (owned) */
  const WeirTokenSource *tokens; /* (unowned) */
  WeirRouting *routing;          /* (owned) (nullable) */
  GCancellable *cancellable;     /* (owned) (nullable) of the calls under way */
  WeirTimer again;
  gboolean is_sparing;
  gboolean is_due;     /* all of them are to be asked when nothing is spared any more */
  gboolean has_failed; /* somebody, since all of them were asked last */
  unsigned n_rounds;   /* in which somebody failed, one after another */
  GFunc func;          /* (nullable) */
  gpointer func_data;
};

typedef struct
{
  WeirCatalogue *catalogue;  /* (unowned): not touched once cancelled */
  GCancellable *cancellable; /* (owned) */
  WeirRouting *routing;      /* (owned) */
  unsigned seat;
} Question;

static void
tell (WeirCatalogue *self)
{
  if (self->func != NULL)
    self->func (NULL, self->func_data);
}

static void
question_free (Question *question)
{
  weir_routing_unref (question->routing);
  g_object_unref (question->cancellable);
  g_free (question);
}

/* Nothing was said: later, unless nobody asks any more. */
static void
question_end (Question *question, const GError *error)
{
  const WeirSeat *seat = g_ptr_array_index (question->routing->seats, question->seat);

  if (!g_cancellable_is_cancelled (question->cancellable))
    {
      g_debug ("%s does not say which models it offers: %s", seat->id,
               error != NULL ? error->message : "its list is empty");
      weir_poller_set_timer (question->catalogue->poller, &question->catalogue->again,
                             weir_clock_now_us ()
                                 + (RETRY_US << question->catalogue->n_rounds));
      question->catalogue->has_failed = TRUE;
    }
  question_free (question);
}

/* The list is that of several seats. */
static gboolean
is_part (const Question *question)
{
  const WeirSeat *seat = g_ptr_array_index (question->routing->seats, question->seat);

  return seat->provider->other_endpoint != NULL;
}

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) offered = weir_discovery_fetch_finish (result, &error);

  /* all of a vendor's models may be served at another of its endpoints */
  if (offered == NULL || (offered->len == 0 && !is_part (question)))
    {
      question_end (question, error);
      return;
    }
  weir_routing_set_offered (question->routing, question->seat, g_steal_pointer (&offered));
  if (!g_cancellable_is_cancelled (question->cancellable))
    tell (question->catalogue);
  question_free (question);
}

static void
add_field (GArray *fields, const char *name, const char *value)
{
  const WeirControlField field = { name, value };

  g_array_append_val (fields, field);
}

/* The credential, the provider's fields and the user's headers, as exchanges send them. */
static GArray *
make_fields (const WeirSeat *seat, const WeirSecret *secret, char **out_key)
{
  const GPtrArray *headers = seat->entry->headers;
  GArray *fields = g_array_new (TRUE, TRUE, sizeof (WeirControlField));
  const WeirProvider *provider = seat->provider;
  const char *prefix;
  const char *name = weir_auth_get_field (seat->auth, &prefix);

  *out_key = NULL;
  if (secret != NULL)
    {
      const WeirSlice key = weir_secret_reveal (secret);

      *out_key = g_strdup_printf ("%s%.*s", prefix, (int)key.length, key.text);
      add_field (fields, name, *out_key);
    }
  if (provider->default_field[0] != NULL)
    add_field (fields, provider->default_field[0], provider->default_field[1]);
  if (provider->merged_field[0] != NULL)
    add_field (fields, provider->merged_field[0], provider->merged_field[1]);
  for (unsigned i = 0; provider->fields != NULL && provider->fields[i] != NULL; i += 2)
    add_field (fields, provider->fields[i], provider->fields[i + 1]);
  for (unsigned i = 0; i < headers->len; i++)
    {
      const WeirConfigHeader *header = g_ptr_array_index (headers, i);

      add_field (fields, header->name, header->value);
    }
  return fields;
}

static void
ask_with (Question *question, const WeirSecret *secret)
{
  WeirCatalogue *self = question->catalogue;
  const WeirSeat *seat = g_ptr_array_index (question->routing->seats, question->seat);
  char *key;
  g_autoptr (GArray) fields = make_fields (seat, secret, &key);

  weir_discovery_fetch_async (self->session, seat->target, seat->provider,
                              seat->account != NULL ? seat->account->identity.project
                                                    : NULL,
                              (const WeirControlField *)(void *)fields->data,
                              question->cancellable, fetched_cb, question);
  weir_secret_wipe_string (key);
}

static void
got_token_cb (WeirSecret *token, const GError *error, gpointer data)
{
  Question *question = data;

  if (token != NULL && !g_cancellable_is_cancelled (question->cancellable))
    ask_with (question, token);
  else
    question_end (question, error);
}

static void
ask (WeirCatalogue *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->routing->seats, number);
  Question *question = g_new0 (Question, 1);
  g_autoptr (WeirSecret) token = NULL;

  question->catalogue = self;
  question->cancellable = g_object_ref (self->cancellable);
  question->routing = weir_routing_ref (self->routing);
  question->seat = number;
  if (seat->account != NULL)
    token = self->tokens->dup (seat->account->id, self->tokens->user_data);
  if (seat->account != NULL && token == NULL)
    self->tokens->ensure (seat->account->id, NULL, question->cancellable, got_token_cb,
                          question, self->tokens->user_data);
  else
    ask_with (question, token != NULL ? token : seat->api_key);
}

static void
ask_seats (WeirCatalogue *self, gboolean all)
{
  for (unsigned i = 0; i < self->routing->seats->len; i++)
    {
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, i);

      if (seat->entry->models->len == 0 && seat->provider->models_path != NULL
          && !seat->lacks_key && (all || seat->offered == NULL)
          && (seat->account == NULL || self->tokens->ensure != NULL))
        ask (self, i);
    }
}

static void
ask_all (WeirCatalogue *self)
{
  weir_poller_set_timer (self->poller, &self->again, weir_clock_now_us () + REFRESH_US);
  ask_seats (self, TRUE);
}

static void
on_again (WeirTimer *timer)
{
  WeirCatalogue *self = WEIR_CONTAINER_OF (timer, WeirCatalogue, again);

  self->n_rounds = self->has_failed ? MIN (self->n_rounds + 1, DOUBLINGS_MAX) : 0;
  self->has_failed = FALSE;
  self->is_due = self->is_sparing;
  if (self->is_sparing)
    ask_seats (self, FALSE);
  else
    ask_all (self);
}

WeirCatalogue *
weir_catalogue_new (WeirPoller *poller,
                    WeirUpstream *upstream,
                    const WeirTokenSource *tokens)
{
  WeirCatalogue *self = g_new0 (WeirCatalogue, 1);

  self->poller = poller;
  self->tokens = tokens;
  self->again.func = on_again;
  self->session = weir_control_session_new (poller, weir_upstream_get_trust (upstream));
  return self;
}

void
weir_catalogue_set_func (WeirCatalogue *self, GFunc func, gpointer user_data)
{
  self->func = func;
  self->func_data = user_data;
}

static void
stop (WeirCatalogue *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->routing, weir_routing_unref);
}

void
weir_catalogue_free (WeirCatalogue *self)
{
  if (self == NULL)
    return;
  weir_poller_clear_timer (self->poller, &self->again);
  stop (self);
  weir_control_session_free (self->session);
  g_free (self);
}

void
weir_catalogue_follow (WeirCatalogue *self,
                       WeirRouting *routing,
                       uint16_t own_port,
                       gboolean all)
{
  stop (self);
  weir_control_session_set_own_port (self->session, own_port);
  self->cancellable = g_cancellable_new ();
  self->routing = weir_routing_ref (routing);
  self->n_rounds = 0;
  if (all)
    ask_all (self);
  else
    ask_seats (self, FALSE);
}

void
weir_catalogue_set_sparing (WeirCatalogue *self, gboolean is_sparing)
{
  self->is_sparing = is_sparing;
  if (is_sparing || !self->is_due)
    return;
  self->is_due = FALSE;
  weir_poller_set_timer (self->poller, &self->again, weir_clock_now_us () + SETTLE_US);
}

void
weir_catalogue_network_changed (WeirCatalogue *self)
{
  if (!self->has_failed)
    return;
  self->has_failed = FALSE;
  weir_poller_set_timer (self->poller, &self->again, weir_clock_now_us () + SETTLE_US);
}
