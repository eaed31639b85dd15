/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Samples of a limit, as the chart and its table want them. */

#include "config.h"

#include "window/weir-history.h"

#define DAY_US (24 * 3600 * (int64_t)G_USEC_PER_SEC)
#define ROUNDS 3

GArray *
weir_history_read (GVariant *samples)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (WeirHistorySample));
  GVariantIter iter;
  WeirHistorySample sample;

  g_variant_iter_init (&iter, samples);
  while (g_variant_iter_next (&iter, "(xd)", &sample.at_us, &sample.used))
    if (sample.used >= 0 && sample.used <= 100)
      g_array_append_val (out, sample);
  return out;
}

int64_t
weir_history_get_reach (int64_t length_us)
{
  if (length_us <= 0)
    return 7 * DAY_US;
  return CLAMP (ROUNDS * length_us, DAY_US, 60 * DAY_US);
}

GArray *
weir_history_thin (GArray *samples, int64_t since_us, int64_t until_us, unsigned most)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (WeirHistorySample));
  int64_t part_us = MAX ((until_us - since_us) / (int64_t)MAX (most, 1), 1);
  int64_t last_part = -1;

  for (unsigned i = 0; i < samples->len; i++)
    {
      const WeirHistorySample *sample = &g_array_index (samples, WeirHistorySample, i);
      int64_t part = MIN ((sample->at_us - since_us) / part_us, (int64_t)most - 1);

      if (sample->at_us < since_us || sample->at_us > until_us)
        continue;
      if (part == last_part)
        g_array_index (out, WeirHistorySample, out->len - 1) = *sample;
      else
        g_array_append_val (out, *sample);
      last_part = part;
    }
  return out;
}
