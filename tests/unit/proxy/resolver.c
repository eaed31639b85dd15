/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A resolver that knows a dozen names and asks nobody. */

#include "config.h"

#include "resolver.h"

#include <gio/gio.h>

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static const struct
{
  const char *name;
  const char *address;
} names[] = {
  { "vendor.test", "127.0.0.1" },   { "metadata.test", "169.254.169.254" },
  { "any.test", "0.0.0.0" },        { "any6.test", "::" },
  { "linklocal6.test", "fe80::1" }, { "mapped.test", "::ffff:169.254.1.1" },
};

static GList *
look_up (const char *name, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i].name, name) == 0)
      return g_list_prepend (NULL, g_inet_address_new_from_string (names[i].address));
  g_set_error (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no %s", name);
  return NULL;
}

static void
free_addresses (gpointer addresses)
{
  g_list_free_full (addresses, g_object_unref);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_error_if_cancelled (task);
}

static void
test_resolver_lookup_async (GResolver *resolver,
                            const char *name,
                            GResolverNameLookupFlags flags,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  GList *addresses;

  if (g_strcmp0 (name, "never.test") == 0)
    {
      g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                             g_steal_pointer (&task), NULL);
      return;
    }
  addresses = look_up (name, &error);
  if (addresses != NULL && flags == G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY
      && g_inet_address_get_family (addresses->data) != G_SOCKET_FAMILY_IPV4)
    g_set_error (&error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no IPv4");
  if (addresses != NULL && flags == G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY
      && g_inet_address_get_family (addresses->data) != G_SOCKET_FAMILY_IPV6)
    g_set_error (&error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no IPv6");
  if (error == NULL)
    {
      g_task_return_pointer (task, addresses, free_addresses);
      return;
    }
  free_addresses (addresses);
  g_task_return_error (task, g_steal_pointer (&error));
}

static GList *
test_resolver_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_with_flags_async = test_resolver_lookup_async;
  resolver_class->lookup_by_name_with_flags_finish = test_resolver_lookup_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

void
test_resolver_install (void)
{
  g_autoptr (GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);

  g_resolver_set_default (resolver);
}
