/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Shows the window as its program does, and writes a picture of it.  For tests only.
 *
 *   weir-window-shot FILE.png [--page NAME] [--size WxH] [--dark] [--rtl] [--text FACTOR]
 *                    [--welcome] [--action NAME]… [--activate WHAT]
 *
 * Actions are activated one after the other ("win.show-account('claude-work')"), then the
 * first widget that is seen of the type WHAT ("WeirExchangeRow"), or with that id in its
 * template; what is pictured is the window that came last. */

#include "config.h"

#include <adwaita.h>
#include <libintl.h>
#include <locale.h>

#include "window/weir-client.h"
#include "window/weir-window.h"

#include "base/weir-translate.h"

#define SETTLE_MS 700

typedef struct
{
  AdwApplication *application; /* (unowned) */
  WeirClient *client;          /* (owned) */
  GtkWindow *window;           /* (unowned) */
  char *page;                  /* (owned) (nullable) */
  char *size;                  /* (owned) (nullable) */
  char **actions;              /* (owned) (nullable) */
  char *what;                  /* (owned) (nullable): is still to be activated */
  char **files;                /* (owned): one */
  gboolean is_welcome;
  gboolean is_dark;
  gboolean is_rtl;
  double text_factor;
  unsigned next_action;
} Shot;

/* FALSE: nothing was drawn yet. */
static gboolean
save (GtkWindow *window, const char *path)
{
  int width = gtk_widget_get_width (GTK_WIDGET (window));
  int height = gtk_widget_get_height (GTK_WIDGET (window));
  GdkPaintable *paintable = gtk_widget_paintable_new (GTK_WIDGET (window));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GdkTexture) texture = NULL;
  GskRenderNode *node;

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  g_object_unref (paintable);
  if (node == NULL)
    return FALSE;
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)),
                                         node, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (!gdk_texture_save_to_png (texture, path))
    g_printerr ("could not write %s\n", path);
  gsk_render_node_unref (node);
  return TRUE;
}

/* The dialog over the window, where there is one. */
static GtkWindow *
find_newest (const Shot *self)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (unsigned i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) each = g_list_model_get_item (windows, i);

      if (each != self->window && gtk_widget_get_mapped (GTK_WIDGET (each)))
        return each;
    }
  return self->window;
}

/* (nullable): in @widget. */
static GtkWidget *
find (GtkWidget *widget, const char *what)
{
  const char *id = gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget));

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), what) || g_strcmp0 (id, what) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, what);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
step_cb (gpointer data)
{
  Shot *self = data;

  if (self->actions != NULL && self->actions[self->next_action] != NULL)
    {
      g_autofree char *name = NULL;
      g_autoptr (GVariant) target = NULL;

      if (!g_action_parse_detailed_name (self->actions[self->next_action++], &name, &target,
                                         NULL)
          || !gtk_widget_activate_action_variant (GTK_WIDGET (self->window), name, target))
        g_printerr ("no action %s\n", self->actions[self->next_action - 1]);
      return G_SOURCE_CONTINUE;
    }
  if (self->what != NULL)
    {
      GtkWidget *widget = find (GTK_WIDGET (self->window), self->what);

      if (widget != NULL)
        gtk_widget_activate (widget);
      else
        g_printerr ("no action %s\n", self->what);
      g_clear_pointer (&self->what, g_free);
      return G_SOURCE_CONTINUE;
    }
  if (!save (find_newest (self), self->files[0]))
    return G_SOURCE_CONTINUE;
  g_application_quit (G_APPLICATION (self->application));
  return G_SOURCE_REMOVE;
}

static void
on_activate (Shot *self)
{
  int width = 900;
  int height = 640;
  g_autoptr (GSettings) settings = NULL;

  if (self->size != NULL)
    {
      char *end;

      width = (int)g_ascii_strtoll (self->size, &end, 10);
      height = (int)g_ascii_strtoll (end + 1, NULL, 10);
    }
  settings = g_settings_new (WEIR_APPLICATION_ID);
  g_settings_set_boolean (settings, "first-run-done", !self->is_welcome);
  self->client = weir_client_new ();
  self->window = weir_window_new (GTK_APPLICATION (self->application), self->client);
  gtk_window_set_default_size (self->window, width, height);
  if (self->page != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", self->page);
  gtk_window_present (self->window);
  g_timeout_add (SETTLE_MS, step_cb, self);
}

static void
on_startup (Shot *self)
{
  GtkSettings *settings = gtk_settings_get_default ();

  g_object_set (settings, "gtk-font-name", "Cantarell 11", "gtk-icon-theme-name", "Adwaita",
                "gtk-enable-animations", FALSE, "gtk-xft-dpi",
                (int)(96 * 1024 * self->text_factor), NULL);
  if (self->is_rtl)
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      self->is_dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                    : ADW_COLOR_SCHEME_FORCE_LIGHT);
}

int
main (int argc, char **argv)
{
  Shot self = { .text_factor = 1 };
  const GOptionEntry options[] = {
    { "page", 0, 0, G_OPTION_ARG_STRING, &self.page, NULL, NULL },
    { "size", 0, 0, G_OPTION_ARG_STRING, &self.size, NULL, NULL },
    { "welcome", 0, 0, G_OPTION_ARG_NONE, &self.is_welcome, NULL, NULL },
    { "dark", 0, 0, G_OPTION_ARG_NONE, &self.is_dark, NULL, NULL },
    { "rtl", 0, 0, G_OPTION_ARG_NONE, &self.is_rtl, NULL, NULL },
    { "text", 0, 0, G_OPTION_ARG_DOUBLE, &self.text_factor, NULL, NULL },
    { "action", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self.actions, NULL, NULL },
    { "activate", 0, 0, G_OPTION_ARG_STRING, &self.what, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self.files, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "");
  weir_translate_init (g_getenv ("WEIR_TEST_LOCALE_DIR"));
  textdomain (GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || self.files == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "name a file");
      return 2;
    }
  self.application = adw_application_new (WEIR_APPLICATION_ID, G_APPLICATION_NON_UNIQUE);
  g_signal_connect_swapped (self.application, "startup", G_CALLBACK (on_startup), &self);
  g_signal_connect_swapped (self.application, "activate", G_CALLBACK (on_activate), &self);
  status = g_application_run (G_APPLICATION (self.application), 1, argv);
  g_clear_object (&self.client);
  g_object_unref (self.application);
  g_free (self.page);
  g_free (self.size);
  g_strfreev (self.actions);
  g_strfreev (self.files);
  return status;
}
