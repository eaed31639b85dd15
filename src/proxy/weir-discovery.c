/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model lists of four shapes, page by page.  What the names mean is for others. */

#include "config.h"

#include "proxy/weir-discovery.h"

#include "base/weir-json-write.h"
#include "base/weir-json.h"

/* OpenAI API reference, "List models"; Anthropic API, "List models" (after_id, has_more,
 * last_id); Gemini API, models.list (pageToken, nextPageToken); all read 2026-10. */
typedef struct
{
  const char *path;
  const char *query; /* (nullable): of each page */
  const char *list;  /* member that holds the models */
  const char *name;  /* (nullable): member of each model; NULL: the list is an object, and
                        what its members are called */
  const char *title; /* the same: what people call it */
  const char *prefix;
  const char *more;   /* (nullable) member that must be true for another page */
  const char *cursor; /* (nullable) member that names the next page */
  const char *parameter;
} ListShape;

/* clang-format off */
static const ListShape shapes[] = {
  /*                                path              query            list      name    title           prefix     more        cursor           parameter */
  [WEIR_DIALECT_OPENAI_CHAT]      = { "/models",        NULL,            "data",   "id",   "name",         "",        NULL,       NULL,            NULL },
  [WEIR_DIALECT_OPENAI_RESPONSES] = { "/models",        NULL,            "data",   "id",   "name",         "",        NULL,       NULL,            NULL },
  [WEIR_DIALECT_ANTHROPIC]        = { "/v1/models",     "limit=1000",    "data",   "id",   "display_name", "",        "has_more", "last_id",       "after_id" },
  [WEIR_DIALECT_GEMINI]           = { "/v1beta/models", "pageSize=1000", "models", "name", "displayName",  "models/", NULL,       "nextPageToken", "pageToken" },
};
/* clang-format on */
G_STATIC_ASSERT (G_N_ELEMENTS (shapes) == WEIR_DIALECT_LAST);

/* Code Assist, "fetchAvailableModels", as Antigravity asks it, read 2026-10. */
static const ListShape project_shape = {
  .path = "/v1internal:fetchAvailableModels",
  .list = "models",
  .title = "displayName",
  .prefix = "",
};

static const ListShape *
find_shape (const WeirProvider *provider)
{
  return provider->lists_by_project ? &project_shape : &shapes[provider->dialect];
}

/* How vendors call the tokens of a context (Gemini, Anthropic, OpenRouter, Together, Groq,
 * Mistral, vLLM). */
static const char *const context_members[] = {
  "inputTokenLimit", "max_input_tokens",   "context_length",
  "context_window",  "max_context_length", "max_model_len",
};

/* Copilot has them further inside. */
static uint64_t
read_window (const WeirJson *json, uint32_t model)
{
  const uint32_t abilities = weir_json_lookup (json, model, "capabilities");
  const uint32_t limits = abilities != 0 ? weir_json_lookup (json, abilities, "limits") : 0;
  const uint32_t item
      = limits != 0 ? weir_json_lookup (json, limits, "max_context_window_tokens") : 0;
  uint64_t length = 0;

  return item != 0 && weir_json_get_uint (json, item, &length) ? length : 0;
}

static uint64_t
read_context_length (const WeirJson *json, uint32_t model)
{
  uint64_t length = read_window (json, model);

  for (size_t i = 0; i < G_N_ELEMENTS (context_members) && length == 0; i++)
    {
      const uint32_t item = weir_json_lookup (json, model, context_members[i]);

      if (item != 0 && !weir_json_get_uint (json, item, &length))
        length = 0;
    }
  return length;
}

static gboolean
is_model_name (const char *name)
{
  if (*name == '\0' || strlen (name) > WEIR_DISCOVERY_NAME_MAX)
    return FALSE;
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    if (*c != ' ' && !g_unichar_isgraph (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

static gboolean
matches (const char *const *globs, const char *name)
{
  for (; globs != NULL && *globs != NULL; globs++)
    if (weir_glob_matches (*globs, name))
      return TRUE;
  return FALSE;
}

/* @list is an array of texts, of which one is @text (nullable). */
static gboolean
names (const WeirJson *json, uint32_t list, const char *text)
{
  if (text == NULL || weir_json_get_type (json, list) != WEIR_JSON_ARRAY)
    return FALSE;
  for (uint32_t item = weir_json_first (json, list); item != 0;
       item = weir_json_next (json, list, item))
    if (weir_json_get_type (json, item) == WEIR_JSON_STRING
        && weir_json_equals (json, item, text))
      return TRUE;
  return FALSE;
}

/* Copilot's list has models that are not for choosing, and says by which of its endpoints
 * the others are served (GET /models, read 2026-11); where it does not, as of old. */
static gboolean
is_offered_here (const WeirProvider *provider,
                 const WeirJson *json,
                 uint32_t model,
                 const char *name)
{
  const uint32_t picked = weir_json_lookup (json, model, "model_picker_enabled");
  const uint32_t list = weir_json_lookup (json, model, "supported_endpoints");

  if (provider->lists_by_project)
    return matches (provider->serves, name);
  if (provider->endpoint == NULL)
    return TRUE;
  if (picked != 0 && weir_json_get_type (json, picked) == WEIR_JSON_FALSE)
    return FALSE;
  if (list == 0)
    return provider->other_endpoint == NULL || matches (provider->serves, name);
  return names (json, list, provider->endpoint)
         && (!names (json, list, provider->other_endpoint)
             || matches (provider->serves, name));
}

/* @item: of its name.  @seen holds the same names as @models. */
static void
add_model (const WeirProvider *provider,
           const WeirJson *json,
           uint32_t model,
           uint32_t item,
           GPtrArray *models,
           GHashTable *seen)
{
  const ListShape *shape = find_shape (provider);
  const uint32_t title_item = weir_json_lookup (json, model, shape->title);
  g_autofree char *text = item != 0 ? weir_json_dup_text (json, item) : NULL;
  g_autofree char *title = title_item != 0 ? weir_json_dup_text (json, title_item) : NULL;
  const char *name = text;
  WeirOffered *offered;

  if (name == NULL || models->len >= WEIR_DISCOVERY_MODELS_MAX)
    return;
  if (g_str_has_prefix (name, shape->prefix))
    name += strlen (shape->prefix);
  if (!is_model_name (name) || g_hash_table_contains (seen, name)
      || !is_offered_here (provider, json, model, name))
    return;
  if (title != NULL && !is_model_name (title))
    g_clear_pointer (&title, g_free);
  offered = weir_offered_new (name, title, read_context_length (json, model));
  g_ptr_array_add (models, offered);
  g_hash_table_add (seen, offered->id);
}

/* (transfer full) (nullable) */
static char *
make_next_query (const ListShape *shape, const WeirJson *json)
{
  uint32_t more = shape->more != NULL ? weir_json_lookup (json, 0, shape->more) : 0;
  uint32_t cursor = shape->cursor != NULL ? weir_json_lookup (json, 0, shape->cursor) : 0;
  g_autofree char *text = cursor != 0 ? weir_json_dup_text (json, cursor) : NULL;
  g_autofree char *escaped = NULL;

  if (text == NULL || *text == '\0' || strlen (text) > 1024
      || (shape->more != NULL && weir_json_get_type (json, more) != WEIR_JSON_TRUE))
    return NULL;
  escaped = g_uri_escape_string (text, NULL, FALSE);
  return g_strdup_printf ("%s&%s=%s", shape->query, shape->parameter, escaped);
}

/* Each model of the list @list. */
static void
add_models (const WeirProvider *provider,
            const WeirJson *json,
            uint32_t list,
            GPtrArray *models)
{
  const char *name = find_shape (provider)->name;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (unsigned i = 0; i < models->len; i++)
    g_hash_table_add (seen, ((const WeirOffered *)g_ptr_array_index (models, i))->id);
  for (uint32_t item = weir_json_first (json, list); item != 0;
       item = weir_json_next (json, list, item))
    {
      /* behind a member's name stands its value */
      const uint32_t model = name != NULL ? item : item + 1;

      if (weir_json_get_type (json, model) == WEIR_JSON_OBJECT)
        add_model (provider, json, model,
                   name != NULL ? weir_json_lookup (json, model, name) : item, models,
                   seen);
    }
}

gboolean
weir_discovery_read_page (const WeirProvider *provider,
                          GBytes *page,
                          GPtrArray *models,
                          char **out_next,
                          GError **error)
{
  /* root, list, model, its members, what is in those, and its members */
  static const WeirJsonLimits limits = { .record_depth = 5 };
  const ListShape *shape = find_shape (provider);
  const WeirJsonType type = shape->name != NULL ? WEIR_JSON_ARRAY : WEIR_JSON_OBJECT;
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GError) cause = NULL;
  size_t length;
  const char *text = g_bytes_get_data (page, &length);
  uint32_t list;

  if (!weir_json_parse (&json, text, length, &limits, &cause))
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "the model list is broken: %s",
                           cause->message);
  list = weir_json_lookup (&json, 0, shape->list);
  if (list == 0 || weir_json_get_type (&json, list) != type)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "the model list has no \"%s\"",
                           shape->list);
  add_models (provider, &json, list, models);
  *out_next = make_next_query (shape, &json);
  return TRUE;
}

/* One list being fetched; lives as its task's data. */
typedef struct
{
  WeirControlSession *session; /* (unowned) */
  WeirTarget *target;          /* (owned) */
  const WeirProvider *provider;
  WeirSecret *body;  /* (owned) (nullable): what is posted */
  GArray *fields;    /* (owned) of WeirControlField, strings owned, NULL name last */
  GPtrArray *models; /* (owned) */
  unsigned n_pages;
} Fetch;

static void
field_clear (gpointer data)
{
  WeirControlField *self = data;

  g_free ((char *)self->name);
  g_free ((char *)self->value);
}

static void
fetch_free (gpointer data)
{
  Fetch *self = data;

  weir_target_free (self->target);
  weir_secret_unref (self->body);
  g_array_unref (self->fields);
  g_ptr_array_unref (self->models);
  g_free (self);
}

static void fetch_page (GTask *task, const char *query);

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Fetch *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *next = NULL;
  unsigned status = 0;
  g_autoptr (GBytes) page = weir_control_session_get_finish (result, &status, &error);

  if (page == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (status != 200)
    g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM,
                             "%s answered %u when asked for its models",
                             self->target->authority, status);
  else if (!weir_discovery_read_page (self->provider, page, self->models, &next, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (next != NULL && self->n_pages < WEIR_DISCOVERY_PAGES_MAX
           && self->models->len < WEIR_DISCOVERY_MODELS_MAX)
    fetch_page (task, next);
  else
    g_task_return_pointer (task, g_ptr_array_ref (self->models),
                           (GDestroyNotify)g_ptr_array_unref);
}

static void
fetch_page (GTask *task, const char *query)
{
  Fetch *self = g_task_get_task_data (task);
  const char *path = find_shape (self->provider)->path;
  g_autofree char *path_and_query
      = g_strconcat (path, query != NULL ? "?" : "", query, NULL);
  const WeirControlCall call = {
    .method = self->body != NULL ? "POST" : "GET",
    .path_and_query = path_and_query,
    .fields = (const WeirControlField *)(void *)self->fields->data,
    .content_type = self->body != NULL ? "application/json" : NULL,
    .body = self->body,
  };

  self->n_pages++;
  weir_control_session_call (self->session, self->target, &call,
                             g_task_get_cancellable (task), page_cb, g_object_ref (task));
}

/* (transfer full): whose list it is to be. */
static WeirSecret *
make_body (const char *project)
{
  g_autoptr (GString) text = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, text);
  weir_json_open (&w, NULL);
  if (project != NULL)
    weir_json_add_string (&w, "project", project);
  weir_json_close (&w);
  return weir_secret_new ((WeirSlice){ text->str, text->len });
}

void
weir_discovery_fetch_async (WeirControlSession *session,
                            const WeirTarget *target,
                            const WeirProvider *provider,
                            const char *project,
                            const WeirControlField *fields,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Fetch *fetch = g_new0 (Fetch, 1);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_discovery_fetch_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, fetch, fetch_free);
  fetch->session = session;
  fetch->target = weir_target_copy (target);
  fetch->provider = provider;
  fetch->body = provider->lists_by_project ? make_body (project) : NULL;
  fetch->models = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_offered_free);
  fetch->fields = g_array_new (TRUE, FALSE, sizeof (WeirControlField));
  g_array_set_clear_func (fetch->fields, field_clear);
  for (; fields->name != NULL; fields++)
    {
      WeirControlField copy = { g_strdup (fields->name), g_strdup (fields->value) };

      g_array_append_val (fetch->fields, copy);
    }
  fetch_page (task, find_shape (provider)->query);
}

GPtrArray *
weir_discovery_fetch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
