/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a WeirLogin asks for is done here, and what happens is told to it:
 *
 *   PREPARING -> WAITING -> EXCHANGING -> [whose account] -> [stored] -> DONE
 *        |          |           |               |               |
 *        +----------+-----------+---------------+---------------+--> FAILED, CANCELLED
 *
 * From the vendor's answer on nothing is given up any more: a code that was redeemed has
 * already replaced what the vendor knew. */

#include "config.h"

#include "control/weir-sign-in.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/random.h>

#include "base/weir-clock.h"
#include "control/weir-callback.h"
#include "control/weir-keep-account.h"
#include "proxy/weir-port-holder.h"

struct _WeirSignIn
{
  GObject parent;

  WeirSignInTools tools;
  WeirConfig *config; /* (owned): what the machine's client points into */
  const WeirProviderOauth *row;
  WeirLoginWay way;
  char *replaces; /* (owned) (nullable) */
  gboolean opens_browser;

  WeirLogin *login;       /* (owned) */
  WeirCallback *callback; /* (owned) (nullable) */
  WeirTimer timer;
  GCancellable *stop; /* (owned) of calls to the vendor and of the browser */

  WeirSignInState state;
  char *sentence;  /* (owned) */
  char *url;       /* (owned) (nullable) */
  char *full_url;  /* (owned) (nullable) */
  char *user_code; /* (owned) (nullable) */
  char *account;   /* (owned) (nullable) */
  char *refusal;   /* (owned) (nullable): of what was pasted or redirected last */
  int64_t expires_us;
  gboolean is_kept; /* the account is as good as there */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static unsigned signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeirSignIn, weir_sign_in, G_TYPE_OBJECT)

static const char *const state_names[] = {
  [WEIR_SIGN_IN_PREPARING] = "preparing",   [WEIR_SIGN_IN_WAITING] = "waiting",
  [WEIR_SIGN_IN_EXCHANGING] = "exchanging", [WEIR_SIGN_IN_DONE] = "done",
  [WEIR_SIGN_IN_FAILED] = "failed",         [WEIR_SIGN_IN_CANCELLED] = "cancelled",
};
G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == WEIR_SIGN_IN_STATE_LAST);

static const char *const way_names[] = {
  [WEIR_LOGIN_BROWSER] = "browser",
  [WEIR_LOGIN_PASTE] = "paste",
  [WEIR_LOGIN_DEVICE] = "device",
};

static void
emit_changed (WeirSignIn *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* @sentence (transfer full) */
static void
enter (WeirSignIn *self, WeirSignInState state, char *sentence)
{
  self->state = state;
  g_free (self->sentence);
  self->sentence = sentence;
}

/* Nothing listens, waits or is shown any more.  @sentence (transfer full). */
static void
end (WeirSignIn *self, WeirSignInState state, char *sentence)
{
  weir_poller_clear_timer (self->tools.poller, &self->timer);
  if (self->callback != NULL)
    weir_callback_stop (self->callback);
  g_clear_pointer (&self->url, weir_secret_wipe_string);
  g_clear_pointer (&self->full_url, g_free);
  g_clear_pointer (&self->user_code, g_free);
  enter (self, state, sentence);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSignIn) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirAccount) account = weir_keep_account_finish (result, &error);
  g_autofree char *identity
      = account != NULL ? weir_account_dup_masked_identity (account) : NULL;

  if (account == NULL)
    enter (self, WEIR_SIGN_IN_FAILED, g_strdup (error->message));
  else
    {
      self->account = g_strdup (account->id);
      enter (self, WEIR_SIGN_IN_DONE,
             identity != NULL && *identity != '\0'
                 ? g_strdup_printf ("Signed in to %s as %s.", self->row->name, identity)
                 : g_strdup_printf ("Signed in to %s.", self->row->name));
    }
  emit_changed (self);
}

static void
keep (WeirSignIn *self, const WeirLoginAction *done)
{
  end (self, WEIR_SIGN_IN_EXCHANGING,
       g_strdup_printf ("%s let you in; the account is being kept.", self->row->name));
  self->is_kept = TRUE;
  weir_keep_account_async (self->tools.calls, self->tools.accounts, self->row, done->tokens,
                           done->short_lived, self->replaces, FALSE, self->stop, kept_cb,
                           g_object_ref (self));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSignIn) self = user_data;

  if (g_app_info_launch_default_for_uri_finish (result, NULL)
      || self->state != WEIR_SIGN_IN_WAITING)
    return;
  enter (self, WEIR_SIGN_IN_WAITING,
         g_strdup ("No browser could be opened. Please open the address yourself."));
  emit_changed (self);
}

static void
open_browser (WeirSignIn *self)
{
  if (!self->opens_browser)
    return;
  if (self->tools.open != NULL)
    self->tools.open (self->url, self->tools.open_data);
  else
    g_app_info_launch_default_for_uri_async (self->url, NULL, self->stop, opened_cb,
                                             g_object_ref (self));
}

static void handle (WeirSignIn *self, const WeirLoginEvent *event);

typedef struct
{
  WeirSignIn *sign_in; /* (owned) */
  unsigned ticket;
} Sending;

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Sending *sending = user_data;
  g_autoptr (WeirSignIn) self = sending->sign_in;
  WeirLoginEvent event = { .kind = WEIR_LOGIN_ANSWERED, .ticket = sending->ticket };
  unsigned status = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = weir_vendor_calls_ask_finish (result, &status, &error);

  if (body != NULL)
    {
      event.status = status;
      event.text.text = g_bytes_get_data (body, &event.text.length);
    }
  else
    g_debug ("%s gave no answer to a sign-in: %s", self->row->name, error->message);
  handle (self, &event);
}

static void
send_request (WeirSignIn *self, const WeirLoginAction *action)
{
  const WeirOauthRequest *request = action->request;
  Sending *sending = g_new0 (Sending, 1);

  sending->sign_in = g_object_ref (self);
  sending->ticket = action->ticket;
  if (self->way != WEIR_LOGIN_DEVICE)
    enter (self, WEIR_SIGN_IN_EXCHANGING,
           g_strdup_printf ("%s is asked for the account.", self->row->name));
  weir_vendor_calls_ask_async (self->tools.calls,
                               &(const WeirVendorCall){
                                   .method = request->method,
                                   .url = request->url,
                                   .content_type = request->content_type,
                                   .body = request->body,
                                   .authorization = request->authorization,
                               },
                               self->stop, answered_cb, sending);
}

static WeirCallbackAnswer
on_redirected (WeirSlice target, gpointer user_data)
{
  g_autoptr (WeirSignIn) self = g_object_ref (user_data);

  g_clear_pointer (&self->refusal, g_free);
  handle (self, &(const WeirLoginEvent){ .kind = WEIR_LOGIN_REDIRECTED, .text = target });
  if (self->refusal != NULL)
    return WEIR_CALLBACK_REFUSED;
  return self->state == WEIR_SIGN_IN_FAILED ? WEIR_CALLBACK_ENDED : WEIR_CALLBACK_TAKEN;
}

static void
on_timer (WeirTimer *timer)
{
  g_autoptr (WeirSignIn) self = g_object_ref (WEIR_CONTAINER_OF (timer, WeirSignIn, timer));

  handle (self, &(const WeirLoginEvent){ .kind = WEIR_LOGIN_TIME });
}

static void
show (WeirSignIn *self, const WeirLoginAction *action)
{
  weir_secret_wipe_string (self->url);
  g_free (self->full_url);
  g_free (self->user_code);
  self->url = weir_config_dup_vendor_url (self->config, action->url);
  self->full_url = action->full_url != NULL
                       ? weir_config_dup_vendor_url (self->config, action->full_url)
                       : NULL;
  self->user_code = g_strdup (action->code);
  if (action->until_us > 0)
    self->expires_us
        = weir_clock_real_us () + MAX (action->until_us - weir_clock_now_us (), 0);
}

/* (transfer full): what a taken port means to the user, and by whom it is taken. */
static char *
dup_port_sentence (WeirSignIn *self, const char *sentence)
{
  g_autofree char *holder
      = weir_port_holder_dup_name ((uint16_t)weir_provider_oauth_get_port (self->row));

  return holder != NULL ? g_strdup_printf ("%s (That program is %s.)", sentence, holder)
                        : g_strdup (sentence);
}

/* Does one thing; TRUE: @out_next is to be told to the machine when all of them are done.
 */
static gboolean
act (WeirSignIn *self, const WeirLoginAction *action, WeirLoginEvent *out_next)
{
  const char *name = self->row->name;
  g_autoptr (GError) error = NULL;

  switch (action->kind)
    {
    case WEIR_LOGIN_LISTEN:
      self->callback = weir_callback_new (self->tools.poller, (uint16_t)action->port,
                                          action->path, on_redirected, self, &error);
      if (self->callback == NULL)
        g_message ("%s", error->message);
      out_next->kind
          = self->callback != NULL ? WEIR_LOGIN_LISTENING : WEIR_LOGIN_PORT_TAKEN;
      return TRUE;
    case WEIR_LOGIN_OPEN:
      show (self, action);
      enter (self, WEIR_SIGN_IN_WAITING,
             g_strdup_printf ("Please go on in the browser, where %s asks you.", name));
      open_browser (self);
      return FALSE;
    case WEIR_LOGIN_SHOW_URL:
      show (self, action);
      enter (self, WEIR_SIGN_IN_WAITING,
             action->sentence != NULL
                 ? dup_port_sentence (self, action->sentence)
                 : g_strdup ("Please open the address in any browser, and bring back the "
                             "address that it ends up at."));
      return FALSE;
    case WEIR_LOGIN_SHOW_CODE:
      show (self, action);
      enter (self, WEIR_SIGN_IN_WAITING,
             g_strdup_printf ("Please open the address, and type the code in there; %s "
                              "lets you in then.",
                              name));
      return FALSE;
    case WEIR_LOGIN_SEND:
      send_request (self, action);
      return FALSE;
    case WEIR_LOGIN_WAIT:
      weir_poller_set_timer (self->tools.poller, &self->timer, action->until_us);
      return FALSE;
    case WEIR_LOGIN_REFUSE:
      g_free (self->refusal);
      self->refusal = g_strdup (action->sentence);
      return FALSE;
    case WEIR_LOGIN_DONE:
      keep (self, action);
      return FALSE;
    case WEIR_LOGIN_FAILED:
      end (self,
           g_cancellable_is_cancelled (self->stop) ? WEIR_SIGN_IN_CANCELLED
                                                   : WEIR_SIGN_IN_FAILED,
           g_strdup (action->sentence));
      return FALSE;
    }
  g_assert_not_reached ();
}

static void
handle (WeirSignIn *self, const WeirLoginEvent *event)
{
  WeirLoginEvent next = *event;
  gboolean goes_on = TRUE;

  if (weir_login_has_ended (self->login))
    return;
  while (goes_on)
    {
      WeirLoginActions actions = { 0 };

      goes_on = FALSE;
      weir_login_handle (self->login, &next, weir_clock_now_us (), weir_clock_real_us (),
                         &actions);
      next = (WeirLoginEvent){ 0 };
      for (unsigned i = 0; i < actions.n; i++)
        goes_on |= act (self, &actions.items[i], &next);
    }
  emit_changed (self);
}

/* Not from inside weir_sign_in_new: whoever began it can connect to "changed" first. */
static gboolean
start (gpointer user_data)
{
  WeirSignIn *self = user_data;

  if (self->state == WEIR_SIGN_IN_PREPARING)
    handle (self, &(const WeirLoginEvent){ .kind = WEIR_LOGIN_STARTED });
  return G_SOURCE_REMOVE;
}

static WeirLogin *
make_login (WeirSignIn *self, GError **error)
{
  WeirOauthClient client = { 0 };
  char random[WEIR_LOGIN_RANDOM_BYTES];
  WeirLogin *login = NULL;

  if (getrandom (random, sizeof random, 0) != sizeof random)
    g_error ("the kernel gives no random bytes: %s", g_strerror (errno));
  /* a client secret that is missing is weir_login_new's to say */
  weir_vendor_calls_get_client (self->row, &client, self->tools.calls);
  login = weir_login_new (&client, self->way, (WeirSlice){ random, sizeof random }, error);
  explicit_bzero (random, sizeof random);
  return login;
}

WeirSignIn *
weir_sign_in_new (const WeirSignInTools *tools,
                  const WeirProviderOauth *row,
                  WeirLoginWay way,
                  const char *replaces,
                  gboolean opens_browser,
                  GError **error)
{
  g_autoptr (WeirSignIn) self = g_object_new (WEIR_TYPE_SIGN_IN, NULL);

  self->tools = *tools;
  self->config = weir_config_ref (weir_vendor_calls_get_config (tools->calls));
  self->row = row;
  self->way = way;
  self->replaces = g_strdup (replaces);
  self->opens_browser = opens_browser;
  self->timer.func = on_timer;
  self->expires_us = weir_clock_real_us () + WEIR_LOGIN_TIMEOUT_US;
  self->login = make_login (self, error);
  if (self->login == NULL)
    return NULL;
  g_idle_add_full (G_PRIORITY_DEFAULT, start, g_object_ref (self), g_object_unref);
  return g_steal_pointer (&self);
}

gboolean
weir_sign_in_paste (WeirSignIn *self, const char *text, GError **error)
{
  if (!weir_sign_in_can_paste (self))
    return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                           "This sign-in waits for no address now.");
  g_clear_pointer (&self->refusal, g_free);
  handle (self, &(const WeirLoginEvent){ .kind = WEIR_LOGIN_PASTED,
                                         .text = weir_slice_from_string (text) });
  return self->refusal == NULL
         || weir_error_set (error, WEIR_ERROR_FORBIDDEN, "%s", self->refusal);
}

void
weir_sign_in_cancel (WeirSignIn *self)
{
  if (weir_sign_in_is_over (self) || self->is_kept)
    return;
  g_cancellable_cancel (self->stop);
  handle (self, &(const WeirLoginEvent){ .kind = WEIR_LOGIN_CANCELLED });
}

WeirLoginWay
weir_sign_in_get_first_way (const WeirProviderOauth *row)
{
  return row->authorize_url != NULL ? WEIR_LOGIN_BROWSER : WEIR_LOGIN_DEVICE;
}

const char *
weir_sign_in_way_get_name (WeirLoginWay way)
{
  return way_names[way];
}

gboolean
weir_sign_in_way_lookup (const char *name, WeirLoginWay *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS (way_names); i++)
    if (strcmp (way_names[i], name) == 0)
      {
        *out = (WeirLoginWay)i;
        return TRUE;
      }
  return FALSE;
}

const char *
weir_sign_in_state_get_name (WeirSignInState state)
{
  return state_names[state];
}

const WeirProviderOauth *
weir_sign_in_get_row (WeirSignIn *self)
{
  return self->row;
}

WeirLoginWay
weir_sign_in_get_way (WeirSignIn *self)
{
  return self->way;
}

WeirSignInState
weir_sign_in_get_state (WeirSignIn *self)
{
  return self->state;
}

gboolean
weir_sign_in_is_over (WeirSignIn *self)
{
  return self->state >= WEIR_SIGN_IN_DONE;
}

static const char *
get_text (const char *text)
{
  return text != NULL ? text : "";
}

const char *
weir_sign_in_get_sentence (WeirSignIn *self)
{
  return get_text (self->sentence);
}

const char *
weir_sign_in_get_url (WeirSignIn *self)
{
  return get_text (self->url);
}

const char *
weir_sign_in_get_full_url (WeirSignIn *self)
{
  return get_text (self->full_url);
}

const char *
weir_sign_in_get_user_code (WeirSignIn *self)
{
  return get_text (self->user_code);
}

gboolean
weir_sign_in_can_paste (WeirSignIn *self)
{
  return self->state == WEIR_SIGN_IN_WAITING && self->way != WEIR_LOGIN_DEVICE;
}

int64_t
weir_sign_in_get_expires_us (WeirSignIn *self)
{
  return self->expires_us;
}

const char *
weir_sign_in_get_account (WeirSignIn *self)
{
  return get_text (self->account);
}

static void
weir_sign_in_init (WeirSignIn *self)
{
  self->stop = g_cancellable_new ();
}

static void
weir_sign_in_finalize (GObject *object)
{
  WeirSignIn *self = WEIR_SIGN_IN (object);

  if (self->tools.poller != NULL)
    weir_poller_clear_timer (self->tools.poller, &self->timer);
  weir_callback_free (self->callback);
  weir_login_free (self->login);
  g_object_unref (self->stop);
  weir_secret_wipe_string (self->url);
  g_free (self->full_url);
  g_free (self->user_code);
  g_free (self->sentence);
  g_free (self->account);
  g_free (self->refusal);
  g_free (self->replaces);
  weir_config_unref (self->config);
  G_OBJECT_CLASS (weir_sign_in_parent_class)->finalize (object);
}

static void
weir_sign_in_class_init (WeirSignInClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weir_sign_in_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", WEIR_TYPE_SIGN_IN, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
