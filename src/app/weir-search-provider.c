/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two spellings of the same questions. */

#include "config.h"

#include "app/weir-search-provider.h"

#include "app/weir-search.h"

#include "base/weir-clock.h"
#include "weir-search-generated.h"

#include <string.h>

#define IDS_MAX 64
#define QUERY_MAX_BYTES 1024
/* KRunner's "possible match": names of programs stand above it. */
#define MATCH_POSSIBLE 30
#define RELEVANCE 0.7

struct _WeirSearchProvider
{
  GDBusConnection *bus; /* (owned) */
  void (*activate) (const char *action, const char *account, gpointer user_data);
  gpointer user_data;
  WeirTrayModel *model; /* (owned) (nullable) */
  unsigned object_ids[2];
};

typedef GVariant *(*MethodFunc) (WeirSearchProvider *self, GVariant *in);

/* (transfer full): of WeirSearchResult. */
static GPtrArray *
find (WeirSearchProvider *self, const char *const *terms)
{
  return self->model != NULL ? weir_search_find (self->model, terms, weir_clock_real_us ())
                             : g_ptr_array_new ();
}

static void
run (WeirSearchProvider *self, const char *id)
{
  g_autoptr (WeirSearchResult) result
      = self->model != NULL ? weir_search_lookup (self->model, id, weir_clock_real_us ())
                            : NULL;

  if (result != NULL)
    self->activate (result->action, result->account, self->user_data);
}

/* --- GNOME --- */

static GVariant *
reply_with_ids (WeirSearchProvider *self, const char *const *terms)
{
  g_autoptr (GPtrArray) found = find (self, terms);
  GVariantBuilder ids;

  g_variant_builder_init (&ids, G_VARIANT_TYPE ("as"));
  for (unsigned i = 0; i < found->len; i++)
    {
      const WeirSearchResult *result = g_ptr_array_index (found, i);

      g_variant_builder_add (&ids, "s", result->id);
    }
  return g_variant_new ("(as)", &ids);
}

static GVariant *
get_initial (WeirSearchProvider *self, GVariant *in)
{
  g_autofree const char **terms = NULL;

  g_variant_get (in, "(^a&s)", &terms);
  return reply_with_ids (self, (const char *const *)terms);
}

static GVariant *
get_subsearch (WeirSearchProvider *self, GVariant *in)
{
  g_autofree const char **terms = NULL;

  g_variant_get (in, "(@as^a&s)", NULL, &terms);
  return reply_with_ids (self, (const char *const *)terms);
}

static void
add_meta (GVariantBuilder *out, const WeirSearchResult *result)
{
  GVariantBuilder meta;

  g_variant_builder_init (&meta, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&meta, "{sv}", "id", g_variant_new_string (result->id));
  g_variant_builder_add (&meta, "{sv}", "name", g_variant_new_string (result->title));
  g_variant_builder_add (&meta, "{sv}", "description",
                         g_variant_new_string (result->description));
  g_variant_builder_add (&meta, "{sv}", "gicon", g_variant_new_string (result->icon));
  g_variant_builder_add_value (out, g_variant_builder_end (&meta));
}

static GVariant *
get_metas (WeirSearchProvider *self, GVariant *in)
{
  g_autofree const char **ids = NULL;
  GVariantBuilder out;

  g_variant_get (in, "(^a&s)", &ids);
  g_variant_builder_init (&out, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; self->model != NULL && ids[i] != NULL && i < IDS_MAX; i++)
    {
      g_autoptr (WeirSearchResult) result
          = weir_search_lookup (self->model, ids[i], weir_clock_real_us ());

      if (result != NULL)
        add_meta (&out, result);
    }
  return g_variant_new ("(aa{sv})", &out);
}

static GVariant *
activate_result (WeirSearchProvider *self, GVariant *in)
{
  const char *id = NULL;

  g_variant_get_child (in, 0, "&s", &id);
  run (self, id);
  return NULL;
}

static GVariant *
launch_search (WeirSearchProvider *self, GVariant *in)
{
  self->activate ("show", "quota", self->user_data);
  return NULL;
}

/* --- KRunner --- */

static GVariant *
list_actions (WeirSearchProvider *self, GVariant *in)
{
  return g_variant_new ("(@a(sss))",
                        g_variant_new_array (G_VARIANT_TYPE ("(sss)"), NULL, 0));
}

static void
add_match (GVariantBuilder *out, const WeirSearchResult *result, double relevance)
{
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", "subtext",
                         g_variant_new_string (result->description));
  g_variant_builder_add (out, "(sssida{sv})", result->id, result->title, result->icon,
                         MATCH_POSSIBLE, relevance, &properties);
}

static GVariant *
match (WeirSearchProvider *self, GVariant *in)
{
  const char *query = NULL;
  g_auto (GStrv) terms = NULL;
  g_autoptr (GPtrArray) found = NULL;
  GVariantBuilder out;

  g_variant_get (in, "(&s)", &query);
  terms = g_strsplit (strlen (query) <= QUERY_MAX_BYTES ? query : "", " ", -1);
  found = find (self, (const char *const *)terms);
  g_variant_builder_init (&out, G_VARIANT_TYPE ("a(sssida{sv})"));
  for (unsigned i = 0; i < found->len; i++)
    add_match (&out, g_ptr_array_index (found, i), RELEVANCE - i * 0.01);
  return g_variant_new ("(a(sssida{sv}))", &out);
}

static GVariant *
run_match (WeirSearchProvider *self, GVariant *in)
{
  const char *id = NULL;

  g_variant_get_child (in, 0, "&s", &id);
  run (self, id);
  return NULL;
}

static GVariant *
tear_down (WeirSearchProvider *self, GVariant *in)
{
  return NULL;
}

static void
on_method_call (GDBusConnection *bus,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  static const struct
  {
    const char *name;
    MethodFunc func;
  } methods[] = {
    { "GetInitialResultSet", get_initial },
    { "GetSubsearchResultSet", get_subsearch },
    { "GetResultMetas", get_metas },
    { "ActivateResult", activate_result },
    { "LaunchSearch", launch_search },
    { "Actions", list_actions },
    { "Match", match },
    { "Run", run_match },
    { "Teardown", tear_down },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (method, methods[i].name))
      {
        g_dbus_method_invocation_return_value (invocation,
                                               methods[i].func (user_data, parameters));
        return;
      }
  g_assert_not_reached (); /* GDBus knows the interfaces */
}

WeirSearchProvider *
weir_search_provider_new (GDBusConnection *bus,
                          void (*activate) (const char *action,
                                            const char *account,
                                            gpointer user_data),
                          gpointer user_data,
                          GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_method_call };
  static const struct
  {
    const char *path;
    const GDBusInterfaceInfo *info;
  } objects[] = {
    { WEIR_SEARCH_PROVIDER_PATH, &org_gnome_shell_search_provider2_interface },
    { WEIR_SEARCH_RUNNER_PATH, &org_kde_krunner1_interface },
  };
  g_autoptr (WeirSearchProvider) self = g_new0 (WeirSearchProvider, 1);

  self->bus = g_object_ref (bus);
  self->activate = activate;
  self->user_data = user_data;
  for (unsigned i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      self->object_ids[i] = g_dbus_connection_register_object (
          bus, objects[i].path, (GDBusInterfaceInfo *)objects[i].info, &vtable, self, NULL,
          error);
      if (self->object_ids[i] == 0)
        return NULL;
    }
  return g_steal_pointer (&self);
}

void
weir_search_provider_free (WeirSearchProvider *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS (self->object_ids); i++)
    if (self->object_ids[i] != 0)
      g_dbus_connection_unregister_object (self->bus, self->object_ids[i]);
  g_clear_pointer (&self->model, weir_tray_model_unref);
  g_clear_object (&self->bus);
  g_free (self);
}

void
weir_search_provider_set_model (WeirSearchProvider *self, WeirTrayModel *model)
{
  g_clear_pointer (&self->model, weir_tray_model_unref);
  self->model = weir_tray_model_ref (model);
}
