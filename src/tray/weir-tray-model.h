/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a tray shows, as plain data, filled anew by the feed for each change.  All texts of
 * a model are kept by the model: set them by weir_tray_model_keep.  Times are microseconds
 * since 1970, 0: not known; percents are of what is used, below 0: not known. */

#include <glib.h>
#include <stdint.h>

#define WEIR_TRAY_UNKNOWN (-1.0)
#define WEIR_TRAY_WINDOWS_MAX 8
#define WEIR_TRAY_CREDITS_MAX 4
/* Percent left at which the user is told, if nothing else is set. */
#define WEIR_TRAY_LEFT 20
#define WEIR_TRAY_LEFT_LAST 5

typedef enum
{
  WEIR_TRAY_STARTING,
  WEIR_TRAY_RUNNING,
  WEIR_TRAY_STOPPED, /* by the user */
  WEIR_TRAY_FAILED,  /* problem says why */
} WeirTrayState;

typedef enum
{
  WEIR_TRAY_ACCOUNT_READY,
  WEIR_TRAY_ACCOUNT_RESTING,
  WEIR_TRAY_ACCOUNT_EXHAUSTED,
  WEIR_TRAY_ACCOUNT_DISABLED,
  WEIR_TRAY_ACCOUNT_SIGN_IN,
  WEIR_TRAY_ACCOUNT_LOCKED,
  WEIR_TRAY_ACCOUNT_MISSING,
} WeirTrayAccountState;

/* What a middle click does. */
typedef enum
{
  WEIR_TRAY_MIDDLE_TOGGLE,
  WEIR_TRAY_MIDDLE_REFRESH,
  WEIR_TRAY_MIDDLE_COPY,
} WeirTrayMiddleClick;

/* What a left click does. */
typedef enum
{
  WEIR_TRAY_CLICK_WINDOW,
  WEIR_TRAY_CLICK_MENU,
  WEIR_TRAY_CLICK_TOGGLE,
} WeirTrayClick;

typedef struct
{
  const char *name;  /* "5 hours", "7d" */
  const char *scope; /* (nullable): the model or family that it is of */
  double used_percent;
  int64_t resets_us;
  int64_t runs_out_us; /* as it is forecast, before the reset; 0: it lasts */
  int64_t length_us;
  const char *pace; /* (nullable): "on pace", "ahead", "behind" */
} WeirTrayWindow;

typedef struct
{
  const char *id;
  const char *provider;      /* (nullable): id of a WeirTrayProvider */
  const char *provider_name; /* "Claude" */
  const char *label;         /* what the user calls it, or the masked identity */
  const char *identity;      /* (nullable): masked */
  const char *plan;          /* (nullable) */
  const char *sentence;      /* (nullable): of its state */
  const char *quota_note;    /* (nullable): why nothing, or nothing new, is known */
  const char *source;        /* (nullable): "answers", "asked" */
  int64_t read_us;           /* when the windows were read */
  int64_t rests_until_us;
  WeirTrayAccountState state;
  int priority; /* higher serves first */
  gboolean is_preferred;
  WeirTrayWindow windows[WEIR_TRAY_WINDOWS_MAX]; /* tightest first */
  unsigned n_windows;
  const char *credits[WEIR_TRAY_CREDITS_MAX]; /* "Credits: 1120 of 1500 left" */
  unsigned n_credits;
  unsigned resets_left;     /* so often the user may have its limits reset */
  int64_t resets_expire_us; /* the next of them */
} WeirTrayAccount;

typedef struct
{
  const char *kind;     /* "sign-in", "exhausted", "secrets-locked", … as on the bus */
  const char *subject;  /* an account's id, or "" */
  const char *sentence; /* for the user */
} WeirTrayNotice;

typedef struct
{
  const char *owner;  /* heading */
  const char *id;     /* what a client asks for */
  const char *target; /* (nullable): what @id is an alias of */
} WeirTrayModelName;

typedef struct
{
  const char *id;
  const char *name;
  const char *sentence; /* (nullable): to be said of it */
  gboolean is_ended;    /* the vendor takes nobody any more */
  gboolean has_device;  /* can be signed in to by a device's code, too */
  gboolean has_usage;   /* the vendor has a page of what is used */
  gboolean has_status;  /* … of what does not work now */
} WeirTrayProvider;

typedef struct
{
  GStringChunk *texts; /* (owned) */
  WeirTrayState state;
  const char *endpoint; /* "http://127.0.0.1:8317"; "": none */
  const char *problem;  /* (nullable) */
  gboolean is_offline;
  gboolean is_private;     /* mail addresses are not shown */
  gboolean secrets_locked; /* the keyring is */
  gboolean hides_stopped;  /* the icon goes while stopped */
  gboolean has_label;      /* a percent beside the icon, where hosts show it */
  WeirTrayClick left_click;
  WeirTrayMiddleClick middle_click;
  unsigned left; /* percent left at which the icon warns and the user is told; 0: none */
  unsigned left_last;  /* … and is told again */
  int64_t updated_us;  /* when quotas were last read */
  GArray *accounts;    /* (owned) of WeirTrayAccount, in the order of providers */
  GArray *notices;     /* (owned) of WeirTrayNotice, most urgent first */
  GArray *model_names; /* (owned) of WeirTrayModelName, those of an owner together */
  GArray *providers;   /* (owned) of WeirTrayProvider */
} WeirTrayModel;

/* Not to be changed any more once somebody else has a reference. */
WeirTrayModel *weir_tray_model_new (void);
WeirTrayModel *weir_tray_model_ref (WeirTrayModel *self);
void weir_tray_model_unref (WeirTrayModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirTrayModel, weir_tray_model_unref)

/* A copy of @text (nullable) that lives as long as @self. */
const char *weir_tray_model_keep (WeirTrayModel *self, const char *text);

/* (nullable) (unowned) */
const WeirTrayAccount *weir_tray_model_lookup (const WeirTrayModel *self, const char *id);
/* (nullable) (unowned) */
const WeirTrayProvider *weir_tray_model_lookup_provider (const WeirTrayModel *self,
                                                         const char *id);
/* (transfer container) of WeirTrayAccount (unowned): the least left first; those of which
 * nothing is known behind them, then those that are off or in trouble. */
GPtrArray *weir_tray_model_dup_tightest (const WeirTrayModel *self);

/* (nullable): the tightest window that is about the whole account and known. */
const WeirTrayWindow *weir_tray_account_get_tightest (const WeirTrayAccount *self);
/* Does it wait for the user? */
gboolean weir_tray_account_needs_user (const WeirTrayAccount *self);
