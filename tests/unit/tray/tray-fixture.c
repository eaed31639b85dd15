/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tray-fixture.h"

WeirTrayModel *
tray_fixture_new (void)
{
  static const WeirTrayProvider providers[] = {
    { .id = "claude", .name = "Claude" },
    { .id = "codex",
      .name = "ChatGPT",
      .has_device = TRUE,
      .has_usage = TRUE,
      .has_status = TRUE },
    { .id = "qwen", .name = "Qwen", .sentence = "Qwen: sign-in ended", .is_ended = TRUE },
  };
  static const WeirTrayModelName alias
      = { .owner = "Claude", .id = "fast", .target = "claude-model-0" };
  WeirTrayModel *model = weir_tray_model_new ();

  model->state = WEIR_TRAY_RUNNING;
  model->endpoint = "http://127.0.0.1:8317";
  model->updated_us = NOW_US - 2 * 60 * (int64_t)G_USEC_PER_SEC;
  g_array_append_vals (model->providers, providers, G_N_ELEMENTS (providers));
  for (unsigned i = 0; i < 30; i++)
    {
      g_autofree char *id = g_strdup_printf ("claude-model-%u", i);
      const WeirTrayModelName name = { .owner = i % 2 == 0 ? "Claude" : "Codex",
                                       .id = weir_tray_model_keep (model, id) };

      g_array_append_val (model->model_names, name);
    }
  g_array_append_val (model->model_names, alias);
  return model;
}

WeirTrayAccount *
tray_fixture_add (WeirTrayModel *model, unsigned number, double used_percent)
{
  g_autofree char *id = g_strdup_printf ("claude-%u", number);
  g_autofree char *label = g_strdup_printf ("work %u", number);
  WeirTrayAccount account = { .id = weir_tray_model_keep (model, id),
                              .provider_name = "Claude",
                              .label = weir_tray_model_keep (model, label),
                              .identity = "w…@example.org",
                              .plan = "Max 20x",
                              .source = "answers",
                              .read_us = NOW_US - 60 * (int64_t)G_USEC_PER_SEC };

  account.windows[0] = (WeirTrayWindow){ .name = "5 hours",
                                         .used_percent = used_percent,
                                         .resets_us = NOW_US + 2 * HOUR_US,
                                         .length_us = 5 * HOUR_US,
                                         .pace = "on pace" };
  account.windows[1] = (WeirTrayWindow){ .name = "7 days",
                                         .used_percent = used_percent / 2,
                                         .resets_us = NOW_US + 90 * HOUR_US,
                                         .length_us = 7 * 24 * HOUR_US };
  account.n_windows = 2;
  g_array_append_val (model->accounts, account);
  return &g_array_index (model->accounts, WeirTrayAccount, model->accounts->len - 1);
}

void
tray_fixture_notice (WeirTrayModel *model,
                     const char *kind,
                     const char *subject,
                     const char *sentence)
{
  const WeirTrayNotice notice = { kind, weir_tray_model_keep (model, subject), sentence };

  g_array_append_val (model->notices, notice);
}
