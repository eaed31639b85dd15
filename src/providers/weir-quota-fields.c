/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Header fields to allowances.  Each name is a prefix of a vendor, an allowance and a part
 * of it; the parts of one allowance are put together, and each family says what they mean.
 * Every field is optional.  Names of Anthropic's, OpenAI's, Groq's, Cerebras' and Mistral's
 * rate limit fields, and of those in answers of subscriptions, as collected in 2026-10. */

#include "config.h"

#include "providers/weir-quota-private.h"
#include "providers/weir-verdict-when.h"
#include "providers/weir-verdict.h"

#include <math.h>

#define FIELD_NAME_MAX 95u
#define ALLOWANCES_MAX 16

typedef enum
{
  PART_USED,
  PART_LIMIT,
  PART_REMAINING,
  PART_RESET,
  PART_RESET_AFTER,
  PART_MINUTES,
  PART_STATUS,
  PART_LAST,
} Part;

typedef struct
{
  const char *text;
  Part part;
} PartName;

typedef struct _Family Family;

/* What is known of one allowance, and where it belongs to. */
typedef struct
{
  const Family *family;
  char key[FIELD_NAME_MAX + 1]; /* lower case; "" where the field names none */
  WeirSlice parts[PART_LAST];
} Allowance;

typedef struct
{
  Allowance allowances[ALLOWANCES_MAX];
  unsigned n;
  int64_t real_us;
} Gathered;

/* FALSE: it says nothing. */
typedef gboolean (*DescribeFunc) (const Gathered *all,
                                  const Allowance *allowance,
                                  WeirQuotaDraft *out);

struct _Family
{
  const char *prefix;
  gboolean part_first; /* PREFIX PART [- ALLOWANCE], else PREFIX [ALLOWANCE -] PART */
  PartName parts[5];
  DescribeFunc describe;
};

static const Allowance *
lookup (const Gathered *all, const Family *family, const char *key)
{
  for (unsigned i = 0; i < all->n; i++)
    if (all->allowances[i].family == family && strcmp (all->allowances[i].key, key) == 0)
      return &all->allowances[i];
  return NULL;
}

static gboolean
is_rejected (const Allowance *allowance)
{
  return weir_slice_equal_nocase (allowance->parts[PART_STATUS], WEIR_SLICE ("rejected"));
}

/* "5h" and "7d" are of the account, "7d-sonnet" and "7d_oi" of some models.  Without a name
 * it sums up the others: it says something of its own only when it alone rejects; and when
 * it allows, nothing is refused (what is used up is paid for as extra usage). */
static gboolean
describe_unified (const Gathered *all, const Allowance *allowance, WeirQuotaDraft *out)
{
  const Allowance *sum = lookup (all, allowance->family, "");
  const size_t length = strcspn (allowance->key, "-_");
  const gboolean is_sum = length == 0;

  if (g_str_has_prefix (allowance->key, "overage"))
    return FALSE;
  out->name = (WeirSlice){ allowance->key, length };
  if (is_sum)
    out->name = WEIR_SLICE ("account");
  else if (allowance->key[length] != '\0')
    out->model = weir_slice_from_string (allowance->key + length + 1);
  out->used_percent = 100 * weir_quota_read_number (allowance->parts[PART_USED]);
  out->resets_at_us = weir_quota_read_instant (allowance->parts[PART_RESET]);
  out->rejected
      = is_rejected (allowance)
        && (sum == NULL || sum->parts[PART_STATUS].length == 0 || is_rejected (sum));
  if (weir_slice_equal (out->name, WEIR_SLICE ("5h")))
    out->length_us = (double)WEIR_QUOTA_HOURS (5);
  else if (weir_slice_equal (out->name, WEIR_SLICE ("7d")))
    out->length_us = (double)WEIR_QUOTA_DAYS (7);
  if (!is_sum)
    return TRUE;
  for (unsigned i = 0; i < all->n; i++)
    if (all->allowances[i].family == allowance->family && &all->allowances[i] != allowance
        && is_rejected (&all->allowances[i]))
      return FALSE;
  return out->rejected;
}

/* Of a key: so many a minute. */
static gboolean
describe_key_limit (const Gathered *all, const Allowance *allowance, WeirQuotaDraft *out)
{
  if (*allowance->key == '\0')
    return FALSE;
  out->name = weir_slice_from_string (allowance->key);
  out->used_percent
      = weir_quota_percent_of (weir_quota_read_number (allowance->parts[PART_REMAINING]),
                               weir_quota_read_number (allowance->parts[PART_LIMIT]));
  out->resets_at_us = weir_quota_read_instant (allowance->parts[PART_RESET]);
  out->length_us = (double)WEIR_QUOTA_SECONDS (60);
  return TRUE;
}

/* "primary" and "secondary" only say where a window stands, its minutes say which it is;
 * "NAME-primary" is of the models that have a limit of their own. */
static gboolean
describe_codex (const Gathered *all, const Allowance *allowance, WeirQuotaDraft *out)
{
  const double minutes = weir_quota_read_number (allowance->parts[PART_MINUTES]);
  const double after = weir_quota_read_number (allowance->parts[PART_RESET_AFTER]);
  const char *dash = strrchr (allowance->key, '-');
  const char *place = dash != NULL ? dash + 1 : allowance->key;

  if (strcmp (place, "primary") != 0 && strcmp (place, "secondary") != 0)
    return FALSE;
  if (dash != NULL)
    out->model = (WeirSlice){ allowance->key, (size_t)(dash - allowance->key) };
  if (!(minutes > 0))
    out->name = weir_slice_from_string (place);
  out->used_percent = weir_quota_read_number (allowance->parts[PART_USED]);
  out->resets_at_us = weir_quota_read_instant (allowance->parts[PART_RESET]);
  if (!(out->resets_at_us > 0) && after > 0)
    out->resets_at_us = (double)all->real_us + after * G_USEC_PER_SEC;
  out->length_us = minutes > 0 ? minutes * 60e6 : 0;
  /* a plan without this window says zero everywhere */
  return minutes != 0 || out->resets_at_us > 0;
}

static double
get_length_by_name (const char *key)
{
  if (g_str_has_suffix (key, "minute"))
    return (double)WEIR_QUOTA_SECONDS (60);
  if (g_str_has_suffix (key, "hour"))
    return (double)WEIR_QUOTA_HOURS (1);
  if (g_str_has_suffix (key, "day"))
    return (double)WEIR_QUOTA_DAYS (1);
  return 0;
}

/* How long, most do not say: OpenAI's are of minutes, Groq's requests of a day. */
static gboolean
describe_other (const Gathered *all, const Allowance *allowance, WeirQuotaDraft *out)
{
  const int64_t after_us = weir_when_read (allowance->parts[PART_RESET], all->real_us);

  out->name = *allowance->key != '\0' ? weir_slice_from_string (allowance->key)
                                      : WEIR_SLICE ("requests");
  out->used_percent
      = weir_quota_percent_of (weir_quota_read_number (allowance->parts[PART_REMAINING]),
                               weir_quota_read_number (allowance->parts[PART_LIMIT]));
  if (after_us > 0 && after_us < WEIR_VERDICT_REST_MAX_US)
    out->resets_at_us = (double)(all->real_us + after_us);
  out->length_us = get_length_by_name (allowance->key);
  return TRUE;
}

/* The first prefix that holds counts. */
/* clang-format off */
static const Family families[] = {
  { "anthropic-ratelimit-unified-", FALSE,
    { { "utilization", PART_USED }, { "reset", PART_RESET }, { "status", PART_STATUS } }, describe_unified },
  { "anthropic-ratelimit-", FALSE,
    { { "limit", PART_LIMIT }, { "remaining", PART_REMAINING }, { "reset", PART_RESET } }, describe_key_limit },
  { "x-codex-", FALSE,
    { { "used-percent", PART_USED }, { "window-minutes", PART_MINUTES }, { "reset-at", PART_RESET },
      { "reset-after-seconds", PART_RESET_AFTER } }, describe_codex },
  { "x-ratelimit-", TRUE,
    { { "limit", PART_LIMIT }, { "remaining", PART_REMAINING }, { "reset", PART_RESET } }, describe_other },
};
/* clang-format on */

static const Family *
lookup_family (WeirSlice name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (families); i++)
    {
      const WeirSlice prefix = weir_slice_from_string (families[i].prefix);

      if (name.length > prefix.length
          && weir_slice_equal_nocase ((WeirSlice){ name.text, prefix.length }, prefix))
        return &families[i];
    }
  return NULL;
}

gboolean
weir_quota_reads_field (WeirSlice name)
{
  return lookup_family (name) != NULL;
}

/* Splits what stands behind the prefix; @rest becomes the allowance's name. */
static gboolean
split (const Family *family, char **rest, Part *out_part)
{
  const size_t length = strlen (*rest);

  for (const PartName *name = family->parts; name->text != NULL; name++)
    {
      const size_t part = strlen (name->text);
      char *border = family->part_first ? *rest + part : *rest + length - part;

      if (part > length
          || memcmp (family->part_first ? *rest : border, name->text, part) != 0)
        continue;
      if (part == length)
        border = *rest + length;
      else if (family->part_first ? *border++ != '-' : *--border != '-')
        continue;
      *out_part = name->part;
      if (family->part_first || part == length)
        *rest = border;
      else
        *border = '\0';
      return TRUE;
    }
  return FALSE;
}

static Allowance *
ensure (Gathered *all, const Family *family, const char *key)
{
  Allowance *found = (Allowance *)lookup (all, family, key);

  if (found != NULL || all->n == ALLOWANCES_MAX)
    return found;
  found = &all->allowances[all->n++];
  *found = (Allowance){ .family = family };
  g_strlcpy (found->key, key, sizeof found->key);
  return found;
}

static void
gather (Gathered *all, const WeirQuotaField *field)
{
  const Family *family = lookup_family (field->name);
  char name[FIELD_NAME_MAX + 1];
  char *rest = name;
  Allowance *allowance;
  Part part;

  if (family == NULL || field->name.length > FIELD_NAME_MAX)
    return;
  for (size_t i = 0; i < field->name.length; i++)
    name[i] = g_ascii_tolower (field->name.text[i]);
  name[field->name.length] = '\0';
  rest += strlen (family->prefix);
  if (!split (family, &rest, &part))
    return;
  allowance = ensure (all, family, rest);
  if (allowance != NULL)
    allowance->parts[part] = field->value;
}

gboolean
weir_quota_read_fields (const WeirQuotaFields *fields,
                        int64_t real_us,
                        WeirQuotaReading *out)
{
  Gathered all;

  all.n = 0;
  all.real_us = real_us;
  weir_quota_reading_init (out);
  for (unsigned i = 0; i < fields->n; i++)
    gather (&all, &fields->fields[i]);
  for (unsigned i = 0; i < all.n; i++)
    {
      WeirQuotaDraft draft = { .used_percent = (double)NAN };

      if (all.allowances[i].family->describe (&all, &all.allowances[i], &draft))
        weir_quota_reading_add (out, &draft, WEIR_QUOTA_FROM_FIELDS, real_us);
    }
  return weir_quota_reading_says_something (out);
}
