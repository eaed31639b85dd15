/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Certificates judged against one shared store.  GIO's usual way copies the whole store
 * into each connection: 5 to 7 ms and 3.8 MiB. */

#include "config.h"

#include "proxy/weir-trust.h"

struct _WeirTrust
{
  GTlsDatabase parent_instance;
  GMutex loading;       /* guards @system: it is loaded by whoever needs it first */
  GTlsDatabase *system; /* (owned) (nullable) */
  GTlsDatabase *extra;  /* (owned) (nullable): the user's file */
};

G_DEFINE_FINAL_TYPE (WeirTrust, weir_trust, G_TYPE_TLS_DATABASE)

/* (transfer none) (nullable): the system's store.  Loading takes some 50 ms. */
static GTlsDatabase *
ensure_system (WeirTrust *self)
{
  GTlsDatabase *system;

  g_mutex_lock (&self->loading);
  if (self->system == NULL)
    self->system = g_tls_backend_get_default_database (g_tls_backend_get_default ());
  system = self->system;
  g_mutex_unlock (&self->loading);
  return system;
}

static gpointer
load (gpointer user_data)
{
  g_autoptr (WeirTrust) self = user_data;

  ensure_system (self);
  return NULL;
}

void
weir_trust_prefetch (WeirTrust *self)
{
  GThread *thread = g_thread_try_new ("weir-trust", load, g_object_ref (self), NULL);

  if (thread != NULL)
    g_thread_unref (thread);
  else
    g_object_unref (self); /* the first connection loads it */
}

static GTlsCertificateFlags
weir_trust_verify_chain (GTlsDatabase *database,
                         GTlsCertificate *chain,
                         const char *purpose,
                         GSocketConnectable *identity,
                         GTlsInteraction *interaction,
                         GTlsDatabaseVerifyFlags verify_flags,
                         GCancellable *cancellable,
                         GError **error)
{
  WeirTrust *self = WEIR_TRUST (database);
  GTlsDatabase *system = ensure_system (self);
  GTlsCertificateFlags by_system = G_TLS_CERTIFICATE_UNKNOWN_CA;
  GTlsCertificateFlags by_extra;

  if (system != NULL)
    by_system = g_tls_database_verify_chain (system, chain, purpose, identity, interaction,
                                             verify_flags, cancellable, error);
  if (by_system == 0 || by_system == G_TLS_CERTIFICATE_GENERIC_ERROR || self->extra == NULL)
    return by_system;
  by_extra = g_tls_database_verify_chain (self->extra, chain, purpose, identity,
                                          interaction, verify_flags, cancellable, error);
  /* of two refusals, that of the store which knows the issuer says more */
  return (by_extra & G_TLS_CERTIFICATE_UNKNOWN_CA) == 0 ? by_extra : by_system;
}

GTlsCertificateFlags
weir_trust_verify (WeirTrust *self, GTlsCertificate *chain, const char *host, uint16_t port)
{
  g_autoptr (GSocketConnectable) identity = g_network_address_new (host, port);

  return g_tls_database_verify_chain (G_TLS_DATABASE (self), chain,
                                      G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity,
                                      NULL, G_TLS_DATABASE_VERIFY_NONE, NULL, NULL);
}

const char *
weir_trust_describe (GTlsCertificate *certificate, GTlsCertificateFlags flags)
{
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);

  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return "its certificate is for another name";
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return "its certificate has expired, or the clock of this computer is wrong";
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return "its certificate is not valid yet, or the clock of this computer is wrong";
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return "its certificate has been revoked";
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return "its certificate uses an algorithm that is not secure";
  if ((flags & G_TLS_CERTIFICATE_UNKNOWN_CA) == 0)
    return "its certificate could not be verified";
  return g_strcmp0 (subject, issuer) == 0
             ? "its certificate is self-signed and not trusted here"
             : "its certificate was issued by an authority that is not trusted here";
}

WeirTrust *
weir_trust_new (const char *ca_file, GError **error)
{
  g_autoptr (WeirTrust) self = g_object_new (WEIR_TYPE_TRUST, NULL);
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = NULL;
  GList *certificates;

  if (ca_file == NULL)
    return g_steal_pointer (&self);
  path = g_canonicalize_filename (ca_file, NULL); /* GIO wants an absolute one */
  certificates = g_tls_certificate_list_new_from_file (path, &cause);
  if (certificates == NULL)
    {
      weir_error_set (error, WEIR_ERROR_CONFIG, "cannot read CA certificates from %s: %s",
                      ca_file, cause != NULL ? cause->message : "there is none in it");
      return NULL;
    }
  g_list_free_full (certificates, g_object_unref);
  self->extra = g_tls_file_database_new (path, &cause);
  if (self->extra != NULL)
    return g_steal_pointer (&self);
  weir_error_set (error, WEIR_ERROR_CONFIG, "cannot use the CA certificates of %s: %s",
                  ca_file, cause->message);
  return NULL;
}

static void
weir_trust_dispose (GObject *object)
{
  WeirTrust *self = WEIR_TRUST (object);

  g_clear_object (&self->system);
  g_clear_object (&self->extra);
  G_OBJECT_CLASS (weir_trust_parent_class)->dispose (object);
}

static void
weir_trust_finalize (GObject *object)
{
  g_mutex_clear (&WEIR_TRUST (object)->loading);
  G_OBJECT_CLASS (weir_trust_parent_class)->finalize (object);
}

static void
weir_trust_class_init (WeirTrustClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weir_trust_dispose;
  G_OBJECT_CLASS (klass)->finalize = weir_trust_finalize;
  G_TLS_DATABASE_CLASS (klass)->verify_chain = weir_trust_verify_chain;
}

static void
weir_trust_init (WeirTrust *self)
{
  g_mutex_init (&self->loading);
}
